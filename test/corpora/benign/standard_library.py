"""Pickles of the standard library's own types, at every protocol."""
import array
import collections
import datetime
import decimal
import enum
import fractions
import ipaddress
import itertools
import pathlib
import pickle
import random
import types
import uuid


def values():
    shared = [1, 2, 3]
    loop = []
    loop.append(loop)
    return {
        "numbers": [0, 1, -1, 255, 65535, -70000, 2**31, -(2**63), 2**200, 1.5, float("inf"), complex(1, 2), True, False, None],
        "texts": ["", "a", "ünïcödé", "日本語", "x" * 300, "line\nbreak\t'quote'\"", "\x00\x01", "os.system is only a name here", "eval(input())", "__import__"],
        "bytes": [b"", b"abc", bytes(range(256)), b"cos\nsystem\n(S'ls'\ntR."],
        "containers": {"list": [1, [2, [3]]], "tuple": (1, (2,)), "dict": {"a": {"b": 1}}, "set": {1, 2}, "frozen": frozenset({3})},
        "shared": [shared, shared, {"k": shared}],
        "loop": loop,
        "ordered": collections.OrderedDict(a=1, b=2),
        "counter": collections.Counter("abracadabra"),
        "deque": collections.deque([1, 2, 3], maxlen=10),
        "defaultdict": collections.defaultdict(list, a=[1]),
        "dates": [datetime.datetime(2024, 5, 6, 7, 8, 9, 10), datetime.date(2020, 1, 1), datetime.timedelta(days=3), datetime.time(1, 2), datetime.timezone.utc],
        "decimal": [decimal.Decimal("1.10"), fractions.Fraction(3, 7)],
        "uuid": uuid.UUID(int=7),
        "path": [pathlib.PurePosixPath("/a/b"), pathlib.PosixPath("models/x.bin")],
        "range": [range(10), slice(1, 2), Ellipsis, NotImplemented],
        "array": array.array("d", [1.0, 2.0]),
        "bytearray": bytearray(b"abc"),
        "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8")],
        "namespace": types.SimpleNamespace(a=1, b="x"),
        "random state": random.Random(7).getstate(),
        "random": random.Random(7),
        "types": [int, str, dict, list, float, collections.OrderedDict],
        "functions by name": [len, print, max, abs],
        "exception": ValueError("bad", 3),
        "long list": list(range(5000)),
        "deep": [[[[[[[[[[1]]]]]]]]]],
        "config": {"lr": 1e-3, "epochs": 10, "layers": [64, 32], "activation": "relu", "note": "see https://example.org"},
        "vocabulary": {f"token{i}": i for i in range(2000)},
        "itertools": itertools.count(3),
    }


def write(writer):
    for name, value in values().items():
        for protocol in range(6):
            writer.attempt(name, lambda: writer.write(f"{name.replace(' ', '-')}.p{protocol}.pkl", pickle.dumps(value, protocol)))
    for name in ("numbers", "config", "vocabulary"):
        value = values()[name]
        writer.write(f"{name}-two-streams.pkl", pickle.dumps(value, 4) + pickle.dumps(value, 2))
        writer.write(f"{name}-python-writer.pkl", pickle._dumps(value, 4))
