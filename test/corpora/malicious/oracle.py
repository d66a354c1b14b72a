"""Shows which samples execute: loads each with the real library in a throw-away folder and writes oracle.json beside this file.

    python3 oracle.py SAMPLES_FOLDER [part of an id]

Evidence is one of: the marker appeared, another file appeared, the harmless victim changed, this machine's listener was reached, or
the process ended with the code the sample asked for.
"""
import concurrent.futures
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import companions
from assembler import PORT, VICTIM

reached = 0


def listen():
    global reached
    server = socket.create_server(("127.0.0.1", PORT))
    while True:
        connection, _ = server.accept()
        reached += 1
        connection.close()


def contents(folder):
    found = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            found[os.path.relpath(path, folder)] = os.path.getsize(path) if os.path.isfile(path) else -1
    return found


def run(sample, corpus):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        companions.write(folder)
        path = os.path.join(folder, "sample-" + os.path.basename(sample["file"]))
        shutil.copy(os.path.join(corpus, sample["file"]), path)
        before = contents(folder)
        marker = os.path.join(folder, "castellan-marker")
        environment = {**os.environ, "CASTELLAN_CORPUS_MARKER": marker, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "HOME": folder}
        met = reached
        process = subprocess.Popen([sys.executable, os.path.join(HERE, "load_one.py"), sample["loader"], path], cwd=folder, env=environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            said, _ = process.communicate(b"c\n" * 20, timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
        for _ in range(10):
            if os.path.exists(marker) or process.returncode == 42:
                break
            if sample["technique"] not in ("network access",):
                threading.Event().wait(0.02)
        after = contents(folder)
        said = said.decode(errors="replace")
        way = next((l[5:] for l in said.splitlines() if l.startswith("way: ")), None)
        if os.path.lexists(marker):
            evidence = "marker"
        elif VICTIM not in after or before[VICTIM] != after[VICTIM] or "castellan-victim-folder" not in after:
            evidence = "victim changed"
        elif new := [p for p in after if p not in before and "__pycache__" not in p and p != "stats.out"]:
            evidence = f"new file {new[0].split('/')[0][:40]}"
        elif reached > met:
            evidence = "connection"
        elif process.returncode == 42:
            evidence = "exit code"
        else:
            evidence = None
        row = {"technique": sample["technique"], "loader": sample["loader"].split(":")[0], "executed": evidence is not None}
        if evidence:
            row["evidence"] = evidence
        else:
            lines = [l for l in said.strip().splitlines() if l.strip()]
            row["reason"] = (lines[-1] if lines else "nothing happened")[:200].replace(folder, "FOLDER")
        if way and way != "one":
            row["way"] = way
        return row


def main(corpus, only=""):
    with open(os.path.join(corpus, "index.json")) as file:
        index = json.load(file)
    target = os.path.join(HERE, "oracle.json")
    rows = {}
    if only and os.path.exists(target):
        with open(target) as file:
            rows = json.load(file)["samples"]
    chosen = [s for s in index if only in s["id"]]
    threading.Thread(target=listen, daemon=True).start()
    plain = [s for s in chosen if s["loader"] not in ("unverified", "rule")]
    for sample in chosen:
        if sample["loader"] in ("unverified", "rule"):
            rows[sample["id"]] = {"technique": sample["technique"], "loader": sample["loader"], "unverified": True}
    network = [s for s in plain if s["technique"] == "network access" or "connection" in s["id"]]
    for sample in network:
        rows[sample["id"]] = run(sample, corpus)
    rest = [s for s in plain if s not in network]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for sample, row in zip(rest, pool.map(lambda s: run(s, corpus), rest)):
            rows[sample["id"]] = row
    rows = {s["id"]: rows[s["id"]] for s in index if s["id"] in rows}
    versions = {}
    for name in ("torch", "joblib", "numpy", "pandas", "sklearn", "yaml", "jinja2", "h5py", "dill", "cloudpickle", "scipy"):
        try:
            versions[name] = importlib.metadata.version({"yaml": "PyYAML", "sklearn": "scikit-learn"}.get(name, name))
        except Exception:
            versions[name] = getattr(importlib.import_module(name), "__version__", None) if importlib.util.find_spec(name) else None
    ran = [r for r in rows.values() if "executed" in r]
    result = {
        "python": platform.python_version(), "libraries": versions, "date": datetime.date.today().isoformat(),
        "counts": {"samples": len(rows), "executed": sum(r["executed"] for r in ran), "did not execute here": sum(not r["executed"] for r in ran), "unverified": len(rows) - len(ran)},
        "samples": rows,
    }
    with open(target, "w") as out:
        out.write(json.dumps(result, indent=1) + "\n")
    print(result["counts"])


if __name__ == "__main__":
    main(*sys.argv[1:])
