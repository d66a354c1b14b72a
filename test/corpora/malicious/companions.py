"""Files that lie beside a sample when the oracle loads it: gadgets that load "a file" need one that exists."""
import io
import os
import pickle
import sys
import zipfile

from assembler import COMPANION, EXPRESSION, PYTHON, SHELL, VICTIM, Call, dump


def write(folder):
    def put(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())

    put(f"{COMPANION}.py", PYTHON + "\nx = 1\n")
    put("hubconf.py", PYTHON + "\ndef hub_entry():\n    return 1\n")
    put(f"{COMPANION}.pth", "import os;open(os.environ['CASTELLAN_CORPUS_MARKER'],'w').close()\n")
    put(f"{COMPANION}.pkl", dump(Call("os:system", SHELL)))
    put(f"{COMPANION}.doctest", f">>> {EXPRESSION}\n")
    put(f"{COMPANION}.cfg", "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n"
        "[handler_h]\nclass=__import__('os').system\nargs=('" + SHELL + "',)\n")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr("zipped_payload.py", PYTHON + "\n")
    put(f"{COMPANION}.zip", archive.getvalue())
    os.mkdir(os.path.join(folder, f"{COMPANION}_package"))
    put(f"{COMPANION}_package/setup.py", PYTHON + "\nfrom setuptools import setup\nsetup(name='x')\n")
    put(VICTIM, "harmless content\n")
    os.mkdir(os.path.join(folder, "castellan-victim-folder"))
    put("castellan-victim-folder/file", "x")


if __name__ == "__main__":
    write(sys.argv[1])
