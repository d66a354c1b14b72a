"""Loads one sample with the real library: `python3 load_one.py LOADER FILE`. Run by oracle.py in a throw-away folder."""
import bz2
import gzip
import io
import lzma
import pickle
import struct
import subprocess
import sys
import tarfile
import zipfile

STOPS = (Exception,)


def unpickle(data):
    """As programs do it: load; load again until the end; share one Unpickler; skip padding; seek to where a stream begins."""
    for way in (one, again, shared, padded, sought):
        try:
            way(data)
        except STOPS as problem:
            print(way.__name__, type(problem).__name__, str(problem)[:200], file=sys.stderr)
        if done():
            print("way:", way.__name__)
            return


def done():
    import os

    return os.path.exists(os.environ["CASTELLAN_CORPUS_MARKER"])


def one(data):
    pickle.load(io.BytesIO(data))


def again(data):
    file = io.BytesIO(data)
    while file.tell() < len(data):
        pickle.load(file)


def shared(data):
    reader = pickle.Unpickler(io.BytesIO(data))
    while True:
        reader.load()


def padded(data):
    file = io.BytesIO(data)
    while file.tell() < len(data):
        at = file.tell()
        while at < len(data) and data[at] in b"\0\n\r ":
            at += 1
        file.seek(at)
        pickle.load(file)


def sought(data):
    at = data.rfind(b"\x80\x02cos\n")
    at = data.rfind(b"\x80\x04") if at < 0 else at
    pickle.loads(data[at:])


def walk(data, every=False, depth=0):
    if depth > 60:
        return
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                walk(archive.read(name), every, depth + 1)
    elif data[:2] == b"\x1f\x8b":
        walk(gzip.decompress(data), every, depth + 1)
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data), ignore_zeros=every) as archive:
            for member in archive:
                if member.isfile():
                    walk(archive.extractfile(member).read(), every, depth + 1)
    elif data[:6] == b"\x93NUMPY":
        import numpy

        numpy.load(io.BytesIO(data), allow_pickle=True)
    else:
        try:
            pickle.loads(data)
        except STOPS:
            pass


def stream_zip(data, wanted):
    """As a reader does that follows local headers and ignores the directory."""
    at = 0
    while data[at:at + 4] == b"PK\x03\x04":
        size, _, name, extra = struct.unpack("<IIHH", data[at + 18:at + 30])
        start = at + 30 + name + extra
        if data[at + 30:at + 30 + name].decode() == wanted:
            return pickle.loads(data[start:start + size])
        at = start + size


def main(loader, path):
    with open(path, "rb") as file:
        data = file.read()
    kind, _, rest = loader.partition(":")
    if kind == "pickle":
        return unpickle(data)
    if kind == "torch":
        import torch

        return torch.load(path, map_location="cpu")
    if kind == "joblib":
        import joblib

        return joblib.load(path)
    if kind in ("numpy", "npz", "numpy-twice"):
        import numpy

        with open(path, "rb") as file:
            loaded = numpy.load(file, allow_pickle=True)
            if kind == "npz":
                return [loaded[name] for name in loaded.files]
            return numpy.load(file, allow_pickle=True) if kind == "numpy-twice" else loaded
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            try:
                with archive.open(rest) as member:
                    return pickle.load(member)
            except STOPS as problem:
                print(type(problem).__name__, problem, file=sys.stderr)
        import torch

        return pickle.loads(torch._C.PyTorchFileReader(path).get_record(rest.removeprefix("archive/")))
    if kind == "zip-first":
        with zipfile.ZipFile(path) as archive:
            return pickle.loads(archive.read(archive.infolist()[0]))
    if kind == "zip-first-end":
        return stream_zip(data, rest)
    if kind == "stream-zip":
        return stream_zip(data, rest)
    if kind == "tail-pickle":
        return sought(data)
    if kind in ("gzip-all", "xz-all", "bz2-all"):
        module = {"gzip": gzip, "xz": lzma, "bz2": bz2}[kind.split("-")[0]]
        return unpickle(module.open(path).read())
    if kind == "gzip-part":
        return pickle.load(gzip.open(path))
    if kind in ("walk", "walk-all"):
        return walk(data, kind == "walk-all")
    if kind == "7z":
        out = subprocess.run(["7zr", "x", "-so", path], capture_output=True, check=True).stdout
        return pickle.loads(out)
    if kind == "jinja":
        import jinja2

        environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
        return environment.from_string(rest).render(messages=[{"role": "user", "content": "x"}], bos_token="", eos_token="", add_generation_prompt=True)
    if kind == "yaml":
        import yaml

        return yaml.unsafe_load(data)
    if kind == "h5py":
        import h5py

        with h5py.File(path) as file:
            for name in file:
                print(name, file[name].external, bytes(file[name][:]))
                if bytes(file[name][:]):
                    open("castellan-read", "w").close()
        return None
    raise SystemExit(f"no loader {loader}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
