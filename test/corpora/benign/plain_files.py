"""Files that are no models, or hold ordinary models: texts that talk about attacks, archives, configurations."""
import bz2
import gzip
import io
import json
import lzma
import pickle
import tarfile
import zipfile


def write(writer):
    weights = pickle.dumps({"layer": [1.0, 2.0]}, 4)
    texts = {
        "README.md": "# Model\n\nNever call `os.system` or `eval` on input. Loading pickles runs code.\n",
        "notes.txt": "cos\nsystem is how a pickle names a function.\n",
        "train.py": "import os\nimport pickle\nimport subprocess\n\nprint(os.system)\n", "config.json": json.dumps({"lr": 0.1, "script": "os.system", "model_type": "mlp"}),
        "config.yaml": "model:\n  name: mlp\n  layers: [64, 32]\n", "labels.csv": "id,label\n1,cat\n2,dog\n", "vocab.txt": "\n".join(f"token{i}" for i in range(500)), "requirements.txt": "numpy==1.26.4\n", "empty.txt": "", "data.jsonl": '{"a": 1}\n{"a": 2}\n',
        "metrics.json": json.dumps({"accuracy": 0.9, "note": "exec time 3 s"}), "index.html": "<html><body>model card</body></html>", "model.pmml": '<?xml version="1.0"?><PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header/><DataDictionary/></PMML>',
        "Dockerfile": "FROM python:3.12\nRUN pip install torch\n", "weights.index.json": json.dumps({"metadata": {"total_size": 10}, "weight_map": {"a": "model-00001.safetensors"}}),
    }
    for name, text in texts.items():
        writer.write(name, text)
    for name, pack in {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.items():
        writer.write(f"weights.pkl.{name}", pack(weights))
        writer.write(f"labels.csv.{name}", pack(texts["labels.csv"].encode()))
    for name, method in {"stored": zipfile.ZIP_STORED, "deflated": zipfile.ZIP_DEFLATED, "bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}.items():
        with zipfile.ZipFile(writer.path(f"bundle-{name}.zip"), "w", method) as archive:
            archive.writestr("weights.pkl", weights)
            archive.writestr("sub/README.md", texts["README.md"])
            archive.writestr("sub/empty/", b"")
    with zipfile.ZipFile(writer.path("streamed.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("big.csv", "w", force_zip64=True) as member:
            member.write(b"1,2,3\n" * 5000)
    for mode, suffix in {"w": "tar", "w:gz": "tar.gz", "w:bz2": "tar.bz2", "w:xz": "tar.xz"}.items():
        for style, name in ((tarfile.GNU_FORMAT, "gnu"), (tarfile.PAX_FORMAT, "pax"), (tarfile.USTAR_FORMAT, "ustar")):
            with tarfile.open(writer.path(f"bundle-{name}.{suffix}"), mode, format=style) as archive:
                for member, data in (("weights.pkl", weights), ("sub/a-rather-long-name-" + "x" * 60 + ".txt", b"text"), ("config.json", texts["config.json"].encode())):
                    info = tarfile.TarInfo(member)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
