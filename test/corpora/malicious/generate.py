"""Writes every malicious sample into a folder, with an index.

    python3 generate.py FOLDER

Each sample's payload only makes an empty file at $CASTELLAN_CORPUS_MARKER (or, where a gadget takes a fixed path or address, in the
current folder or at a port of this machine). index.json: [{id, technique, file, loader, advisories}].
"""
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from assembler import dump
from containers import containers
from formats import formats
from gadgets import gadgets
from innocent import innocent
from opcodes import opcodes


def samples():
    for name, technique, advisories, expression in gadgets() + innocent():
        yield name, technique, advisories, "model.pkl", dump(expression), "pickle"
    for name, technique, advisories, data in opcodes():
        yield name, technique, advisories, "model.pkl", data, "pickle"
    yield from containers()
    yield from formats()


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def generate(folder):
    index, seen = [], set()
    for name, technique, advisories, file, data, loader in samples():
        identity = f"{slug(technique)}/{slug(name)}"
        while identity in seen:
            identity += "-2"
        seen.add(identity)
        place = os.path.join(folder, identity)
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, file), "wb") as out:
            out.write(data)
        index.append({"id": identity, "technique": technique, "file": f"{identity}/{file}", "loader": loader, "advisories": advisories,
                      "sha256": hashlib.sha256(data).hexdigest()})
    with open(os.path.join(folder, "index.json"), "w") as out:
        json.dump(index, out, indent=1)
    return index


if __name__ == "__main__":
    made = generate(sys.argv[1])
    print(f"{len(made)} samples, {len({s['technique'] for s in made})} techniques, {len({s['sha256'] for s in made})} distinct")
