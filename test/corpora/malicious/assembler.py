"""Writes pickles opcode by opcode, so that a sample may say what no pickler would.

An expression is a Python value, G("module:name"), Call(...), Build(...), Raw(bytes) or Seq(...). `emit` turns it into opcodes.
"""
import pickle
import struct

SHELL = 'touch "$CASTELLAN_CORPUS_MARKER"'
PYTHON = "import os;open(os.environ['CASTELLAN_CORPUS_MARKER'],'w').close()"
EXPRESSION = "open(__import__('os').environ['CASTELLAN_CORPUS_MARKER'],'w').close()"
FILE = "castellan-marker"
VICTIM = "castellan-victim"
COMPANION = "castellan_payload"
PORT = 47911
SH = ["sh", "-c", SHELL]


class G:
    """A global, named "module:qualified.name"."""

    def __init__(self, name, style=None):
        self.module, self.name = name.split(":")
        self.style = style


class Raw:
    def __init__(self, code):
        self.code = code


class Call:
    """REDUCE of a callable (a "module:name" or an expression) with arguments."""

    def __init__(self, callee, *args):
        self.callee = G(callee) if isinstance(callee, str) else callee
        self.args = args


class New:
    """NEWOBJ (or NEWOBJ_EX, when keywords are given)."""

    def __init__(self, cls, *args, kwargs=None):
        self.cls = G(cls) if isinstance(cls, str) else cls
        self.args = args
        self.kwargs = kwargs


class Build:
    def __init__(self, target, *states):
        self.target = target
        self.states = states


class Seq:
    """Several expressions of which the last is kept (the others are popped)."""

    def __init__(self, *steps):
        self.steps = steps


def text(value):
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def short_text(value):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def line(value):
    return value.encode() + b"\n"


def global_line(module, name):
    return b"c" + line(module) + line(name)


def stack_global(module, name):
    return short_text(module) + short_text(name) + b"\x93"


def emit(value, style="stack"):
    def go(item):
        return emit(item, style)

    if isinstance(value, Raw):
        return value.code
    if isinstance(value, G):
        if (value.style or style) == "line" and "." not in value.name:
            return global_line(value.module, value.name)
        return stack_global(value.module, value.name)
    if isinstance(value, Call):
        return go(value.callee) + go(tuple(value.args)) + b"R"
    if isinstance(value, New):
        if value.kwargs is None:
            return go(value.cls) + go(tuple(value.args)) + b"\x81"
        return go(value.cls) + go(tuple(value.args)) + go(value.kwargs) + b"\x92"
    if isinstance(value, Build):
        return go(value.target) + b"".join(go(state) + b"b" for state in value.states)
    if isinstance(value, Seq):
        return b"0".join(go(step) for step in value.steps)
    if value is None:
        return b"N"
    if value is True:
        return b"\x88"
    if value is False:
        return b"\x89"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes):
        return b"B" + struct.pack("<I", len(value)) + value
    if isinstance(value, (int, float)):
        return pickle.dumps(value, 2)[2:-1]
    if isinstance(value, tuple):
        return b"(" + b"".join(map(go, value)) + b"t"
    if isinstance(value, list):
        return b"](" + b"".join(map(go, value)) + b"e"
    if isinstance(value, dict):
        return b"}(" + b"".join(go(k) + go(v) for k, v in value.items()) + b"u"
    raise TypeError(type(value))


def dump(value, proto=4, style="stack"):
    return b"\x80" + bytes([proto]) + emit(value, style) + b"."


def framed(body):
    return b"\x80\x04\x95" + struct.pack("<Q", len(body)) + body


def tiny(command):
    """An os.system call alone, protocol 2 opcodes without header and end."""
    return global_line("os", "system") + text(command) + b"\x85R"
