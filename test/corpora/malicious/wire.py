"""Smallest writers of the binary formats the samples need: protocol buffers, GGUF, safetensors, HDF5 (version 0, attributes and data sets)."""
import json
import struct


def varint(value):
    out = b""
    while True:
        out += bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
        value >>= 7
        if not value:
            return out


def field(number, value):
    """One protobuf field: int is a varint, bytes or str are length-delimited."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields):
    return b"".join(field(number, value) for number, value in fields)


# ONNX ---------------------------------------------------------------------------------------------------------------

def onnx_tensor(name, location=None, raw=b"\0\0\0\0", extra=()):
    parts = [(1, 1), (2, 1), (8, name)]
    if location is None:
        parts.append((9, raw))
    else:
        parts += [(13, message((1, "location"), (2, location))), *[(13, message((1, k), (2, v))) for k, v in extra], (14, 1)]
    return message(*parts)


def onnx_value(name):
    return message((1, name), (2, message((1, message((1, 1), (2, message((1, message((1, 1))))))))))


def onnx_model(nodes=(), tensors=(), opsets=(("", 13),), functions=(), extra=b""):
    graph = b"".join(field(1, n) for n in nodes) + field(2, "g") + b"".join(field(5, t) for t in tensors) + field(11, onnx_value("x")) + field(12, onnx_value("y"))
    model = message((1, 8), (2, "test"), (7, graph))
    model += b"".join(field(8, message((1, domain), (2, version))) for domain, version in opsets)
    return model + b"".join(field(25, f) for f in functions) + extra


def onnx_node(op, domain="", inputs=("x",), outputs=("y",), attributes=()):
    return b"".join(field(1, i) for i in inputs) + b"".join(field(2, o) for o in outputs) + message((4, op), *([(7, domain)] if domain else [])) + b"".join(field(5, a) for a in attributes)


# TensorFlow ---------------------------------------------------------------------------------------------------------

def saved_model(nodes, functions=()):
    graph = b"".join(field(1, n) for n in nodes)
    if functions:
        graph += field(2, b"".join(field(1, f) for f in functions))
    return message((1, 1), (2, message((1, message((4, "serve"))), (2, graph))))


def tf_node(name, op, attributes=(), inputs=()):
    return message((1, name), (2, op), *((3, i) for i in inputs)) + b"".join(field(5, message((1, k), (2, v))) for k, v in attributes)


def tf_function(name, nodes):
    return field(1, message((1, name))) + b"".join(field(3, n) for n in nodes)


# GGUF ---------------------------------------------------------------------------------------------------------------

def gguf_text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(pairs, tensors=0, count=None, version=3, tail=b""):
    out = b"GGUF" + struct.pack("<IQQ", version, tensors, len(pairs) if count is None else count)
    for key, value in pairs:
        out += gguf_text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + gguf_text(value)
        elif isinstance(value, list):
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(gguf_text, value))
        elif isinstance(value, bytes):
            out += value
        else:
            out += struct.pack("<II", 4, value)
    return out + tail


# safetensors --------------------------------------------------------------------------------------------------------

def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


# HDF5 ---------------------------------------------------------------------------------------------------------------

def hdf5(attributes, external=None, size=4):
    """A file whose root group has fixed-length text attributes and, when asked, a data set kept in an external file."""
    def pad(data):
        return data + b"\0" * (-len(data) % 8)

    def object_message(kind, data):
        data = pad(data)
        return struct.pack("<HHB3x", kind, len(data), 0) + data

    def attribute(name, value):
        value = value.encode()
        kind = struct.pack("<BBBBI", 0x13, 0, 0, 0, len(value))
        space = struct.pack("<BBB5x", 1, 0, 0)
        label = name.encode() + b"\0"
        return object_message(12, struct.pack("<BxHHH", 1, len(label), len(kind), len(space)) + pad(label) + pad(kind) + pad(space) + value)

    def header(messages):
        body = b"".join(messages)
        return struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body

    undefined = 0xFFFFFFFFFFFFFFFF
    root_at, out = 96, bytearray(96)
    attributes_part = [attribute(k, v) for k, v in attributes.items()]
    tree_at = root_at + len(header([object_message(17, b"\0" * 16), *attributes_part]))
    heap_at = tree_at + 24 + 16 * 33
    names = b"\0" * 8 + b"ext\0\0\0\0\0" + pad((external or "").encode() + b"\0")
    data_at = heap_at + 32
    node_at = data_at + len(names)
    dataset_at = node_at + 8 + 40 * 8
    out += header([object_message(17, struct.pack("<QQ", tree_at, heap_at)), *attributes_part])
    keys = struct.pack("<QQQ", 0, node_at, 8) if external else struct.pack("<Q", 0)
    out += (b"TREE" + struct.pack("<BBHQQ", 0, 0, 1 if external else 0, undefined, undefined) + keys).ljust(24 + 16 * 33, b"\0")
    out += b"HEAP" + struct.pack("<B3xQQQ", 0, len(names), 1, data_at) + names
    entry = struct.pack("<QQII16x", 8, dataset_at, 0, 0) if external else b""
    out += (b"SNOD" + struct.pack("<BxH", 1, 1 if external else 0) + entry).ljust(8 + 40 * 8, b"\0")
    if external:
        out += header([
            object_message(1, struct.pack("<BBB5xQ", 1, 1, 0, size)),
            object_message(3, struct.pack("<BBBBIHH", 0x10, 0, 0, 0, 1, 0, 8)),
            object_message(5, struct.pack("<BBBB", 2, 2, 0, 0)),
            object_message(8, struct.pack("<BBQQ", 3, 1, undefined, 4)),
            object_message(7, struct.pack("<B3xHHQ", 1, 1, 1, heap_at) + struct.pack("<QQQ", 16, 0, size)),
        ])
    out[:96] = (b"\x89HDF\r\n\x1a\n" + struct.pack("<BBBBBBBBHHI", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0)
                + struct.pack("<QQQQ", 0, undefined, len(out), undefined) + struct.pack("<QQII", 0, root_at, 1, 0) + struct.pack("<QQ", tree_at, heap_at))
    return bytes(out)
