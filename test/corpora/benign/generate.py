"""Writes ordinary files by the real libraries installed here, none of which does anything but hold data.

    /usr/bin/python3 generate.py FOLDER

index.json: [{id, file, family}] and the list of families left out because their library is not installed.
"""
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

FAMILIES = ["standard_library", "arrays", "estimators", "frames", "networks", "plain_files", "language_models"]


class Writer:
    def __init__(self, folder):
        self.folder, self.index, self.skipped = folder, [], []
        self.family = ""

    def path(self, name):
        file = f"{self.family}/{name}"
        path = os.path.join(self.folder, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.index.append({"id": file, "file": file, "family": self.family})
        return path

    def write(self, name, data):
        with open(self.path(name), "wb") as out:
            out.write(data if isinstance(data, bytes) else data.encode())

    def attempt(self, name, action):
        """Runs an action that may fail on this machine; a failure is told, never hidden."""
        before = len(self.index)
        try:
            action()
        except Exception as problem:
            for entry in self.index[before:]:
                path = os.path.join(self.folder, entry["file"])
                if os.path.exists(path):
                    os.unlink(path)
            del self.index[before:]
            self.skipped.append({"family": self.family, "name": name, "why": f"{type(problem).__name__}: {problem}"[:200]})


def main(folder):
    writer = Writer(folder)
    for family in FAMILIES:
        writer.family = family.replace("_", "-")
        try:
            module = __import__(family)
        except ImportError as problem:
            writer.skipped.append({"family": family, "why": str(problem)})
            continue
        module.write(writer)
    with open(os.path.join(folder, "index.json"), "w") as out:
        json.dump({"files": writer.index, "skipped": writer.skipped}, out, indent=1)
    print(f"{len(writer.index)} files, {len(writer.skipped)} left out")


if __name__ == "__main__":
    main(sys.argv[1])
