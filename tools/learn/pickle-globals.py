"""Learns from installed libraries which of their classes and functions a pickle may name, and writes them as catalogue data.

    /usr/bin/python3 tools/learn/pickle-globals.py PACKAGE OUT.json [--review]

A class is listed under "new" (bare instances may be made and filled by BUILD) when everything unpickling runs on it is known:
its __new__ is one of Python's own, its __setstate__ is absent or in the reviewed list below, and it has no finaliser. The
members of an enumeration may be looked up. Functions are listed under "name" (referring to them imports the library, no more)
unless their name says that they touch files, networks, processes or code. --review prints what was left out, and why.
"""
import builtins
import enum
import importlib
import inspect
import io
import json
import pkgutil
import re
import sys
import types
import warnings

warnings.filterwarnings("ignore")

# __setstate__ methods that were read and found to do nothing but restore attributes.
REVIEWED_SETSTATE = {
    "?.BaseException.__setstate__",
    "?.generic.__setstate__",
    "numpy.polynomial._polybase.ABCPolyBase.__setstate__",
    "pandas.core.arrays.sparse.array.SparseArray.__setstate__",
    "pandas.core.dtypes.dtypes.CategoricalDtype.__setstate__",
    "pandas.core.dtypes.dtypes.DatetimeTZDtype.__setstate__",
    "pandas.core.generic.NDFrame.__setstate__",
    "pandas.core.internals.managers.SingleBlockManager.__setstate__",
    "pandas.core.internals.array_manager.BaseArrayManager.__setstate__",
    "sklearn.isotonic.IsotonicRegression.__setstate__",  # also makes an interpolator from two arrays
    "sklearn.base.BaseEstimator.__setstate__",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor.__setstate__",
    "sklearn.gaussian_process.kernels.Hyperparameter.__setstate__",
    "sklearn.neural_network._stochastic_optimizers.BaseOptimizer.__setstate__",
    "sklearn.utils._bunch.Bunch.__setstate__",
    "sklearn.utils.Bunch.__setstate__",
    "sklearn.calibration.CalibratedClassifierCV.__setstate__",
    "sklearn.feature_extraction.text.TfidfTransformer.__setstate__",
    "torch.nn.modules.module.Module.__setstate__",
    "torch.nn.modules.activation.MultiheadAttention.__setstate__",
    "torch.nn.modules.activation.SiLU.__setstate__",
    "torch.nn.modules.activation.Softmax.__setstate__",
    "torch.nn.modules.activation.LogSoftmax.__setstate__",
    "torch.nn.modules.activation.Softmin.__setstate__",
    "torch.nn.modules.module._WrappedHook.__setstate__",
    "torch.nn.modules.batchnorm._NormBase.__setstate__",
    "torch.nn.modules.conv._ConvNd.__setstate__",
    "torch.nn.modules.pooling.AvgPool2d.__setstate__",
    "torch.nn.modules.pooling.AvgPool3d.__setstate__",
    "torch.nn.modules.pooling.FractionalMaxPool2d.__setstate__",
    "torch.nn.modules.rnn.RNNBase.__setstate__",
    "torch.nn.modules.transformer.TransformerDecoderLayer.__setstate__",
    "torch.nn.modules.transformer.TransformerEncoderLayer.__setstate__",
    "torch.nn.modules.upsampling.Upsample.__setstate__",
    "torch.nn.modules.activation.Softplus.__setstate__",
    "torch.nn.modules.activation.GELU.__setstate__",
    "statsmodels.base.wrapper.ResultsWrapper.__setstate__",
    "statsmodels.discrete.discrete_model.NegativeBinomial.__setstate__",
    "networkx.classes.coreviews.AtlasView.__setstate__",
    "networkx.classes.coreviews.UnionAtlas.__setstate__",
    "networkx.classes.coreviews.UnionAdjacency.__setstate__",
    "networkx.classes.reportviews.NodeView.__setstate__",
    "networkx.classes.reportviews.NodeDataView.__setstate__",
    "networkx.classes.reportviews.InEdgeView.__setstate__",
    "networkx.classes.reportviews.InMultiEdgeView.__setstate__",
    "networkx.classes.reportviews.OutEdgeView.__setstate__",
    "networkx.classes.reportviews.OutEdgeDataView.__setstate__",
    "networkx.classes.reportviews.OutMultiEdgeDataView.__setstate__",
    "torch.optim.optimizer.Optimizer.__setstate__",
    "torch.optim.adadelta.Adadelta.__setstate__",
    "torch.optim.adagrad.Adagrad.__setstate__",
    "torch.optim.adam.Adam.__setstate__",
    "torch.optim.adamax.Adamax.__setstate__",
    "torch.optim.adamw.AdamW.__setstate__",
    "torch.optim.asgd.ASGD.__setstate__",
    "torch.optim.nadam.NAdam.__setstate__",
    "torch.optim.radam.RAdam.__setstate__",
    "torch.optim.rmsprop.RMSprop.__setstate__",
    "torch.optim.rprop.Rprop.__setstate__",
    "torch.optim.sgd.SGD.__setstate__",
    "torch.utils.data.sampler.Sampler.__setstate__",
    "torchvision.ops.misc.FrozenBatchNorm2d.__setstate__",
}
# __setattr__ and __getattribute__ methods that were read and found to check, sort or pass on, no more.
REVIEWED_ACCESS = {
    "statsmodels.base.wrapper.ResultsWrapper.__getattribute__",
    "torch.nn.modules.module.Module.__setattr__",
    "torch.nn.modules.container.ParameterList.__setattr__",
    "torch.nn.modules.rnn.RNNBase.__setattr__",
    "torch.nn.modules.container.ParameterDict.__setattr__",
    "torch.utils.data.dataloader.DataLoader.__setattr__",
    "sklearn.utils._bunch.Bunch.__setattr__",
    "sklearn.utils.Bunch.__setattr__",
}

# __new__ methods that were read and found to choose a class, no more.
REVIEWED_NEW = {
    "scipy.stats._distn_infrastructure.rv_discrete.__new__",
    "scipy.stats._distn_infrastructure.rv_sample.__new__",
    "scipy.signal._ltisys.LinearTimeInvariant.__new__",
    "scipy.signal._ltisys.lti.__new__",
    "scipy.signal._ltisys.dlti.__new__",
    "scipy.signal._ltisys.TransferFunction.__new__",
    "scipy.signal._ltisys.ZerosPolesGain.__new__",
    "scipy.signal._ltisys.StateSpace.__new__",
}
BUILT_IN = {value for value in vars(builtins).values() if isinstance(value, type)}
OWN_NEW = BUILT_IN - {type, super, classmethod, staticmethod, property, map, filter, memoryview}
TOUCHY = re.compile(
    r"load|save|read|write|open|file|path|exec|eval|compile|import|fetch|download|run|system|popen|spawn|launch|getattr|hub|url"
    r"|http|socket|server|remote|shell|command|pickle|dump|serial|deserial|subprocess|thread|process|parse_?expr|sympif|lambdif"
    r"|script|trace|jit|install|setup|main|test|call|apply|invoke|module|extension|library|plugin|register|hook|cache|temp|delete"
    r"|remove|copytree|rmtree|memmap|from_?buffer|fromstring|query|assign|frompyfunc|vectorize|method|attr|func_name|config",
    re.I,
)
SKIPPED_MODULES = re.compile(
    r"(^|\.)(tests?|testing|_?conftest|setup|__main__|distutils|f2py|benchmarks?|datasets|externals|_external|onnx|hub|jit|"
    r"package|distributed|fx|_inductor|_dynamo|cpp_extension|tensorboard|bottleneck|hipify|benchmark|backends|caffe2|examples|"
    r"sandbox|io|weave|_vendored|_pytest|conda|_build_utils|msvccompiler|cuda|_deploy|contrib|_lib|_array_api|array_api_compat|"
    r"graphics|plotting|_plotly|util\._print_versions|clipboard|clipboards)(\.|$)"
)
# Large packages of which only the parts models are made of are listed.
ONLY = {
    "torch": re.compile(
        r"^torch($|\.(nn|optim|distributions|functional|special|linalg|fft|quantization|amp|cuda\.amp|autograd\.grad_mode)(\.|$)"
        r"|\.ao\.(nn|quantization)(\.|$)|\.utils\.(data|hooks)(\.(dataset|sampler|dataloader|_typing)|$))"
    ),
    "gensim": re.compile(r"^gensim(\.(models|corpora|similarities)(\.(?!wrappers)|$)|$)"),
    "nltk": re.compile(r"^nltk(\.(tokenize|classify|tag|probability|stem|chunk|tree|util|lm|collections|metrics)(\.|$)|$)"),
    "networkx": re.compile(r"^networkx(\.(classes|utils\.(mapped_queue|union_find|heaps))(\.|$)|$)"),
    "joblib": re.compile(r"^joblib\.(numpy_pickle|my_exceptions|_deprecated_my_exceptions)$"),
}

# Distributions of scipy.stats run the text in their state: the machine holds it against what scipy itself writes.
STATE_RULES = {
    "scipy.stats._distn_infrastructure.rv_generic.__setstate__": "rv-template",
    # statsmodels has patsy evaluate the formula in the state.
    "statsmodels.base.data.ModelData.__setstate__": "patsy-formula",
    # skorch loads a PyTorch file from its state.
    "skorch.net.NeuralNet.__setstate__": "skorch-tensors",
}


def owner(method):
    module = getattr(method, "__module__", None) or "?"
    return f"{module}.{getattr(method, '__qualname__', '?')}"


def own_new(cls):
    new = cls.__new__
    if getattr(new, "__self__", None) in OWN_NEW or any(new is base.__new__ for base in OWN_NEW):
        return True
    return owner(new) in REVIEWED_NEW or (issubclass(cls, tuple) and hasattr(cls, "_fields"))


def why_not_new(cls):
    if not own_new(cls):
        return f"__new__ is {owner(cls.__new__)}"
    setstate = getattr(cls, "__setstate__", None)
    if setstate is not None and setstate is not getattr(object, "__setstate__", None):
        if owner(setstate) not in REVIEWED_SETSTATE:
            return f"__setstate__ is {owner(setstate)}"
    for name in ("__del__", "__getinitargs__", "__setattr__", "__getattribute__"):
        method = getattr(cls, name, None)
        if method is not None and method is not getattr(object, name, None):
            if getattr(method, "__objclass__", None) in BUILT_IN:
                continue
            if owner(method) in REVIEWED_ACCESS or owner(method).startswith("namedtuple_"):
                continue
            return f"{name} is {owner(method)}"
    meta = type(cls)
    if meta not in (type,) and meta.__module__ not in ("abc", "enum", "typing"):
        if "__call__" in meta.__dict__ and meta.__module__.split(".")[0] not in ("torch", "sklearn"):
            return f"metaclass {meta.__module__}.{meta.__qualname__} has __call__"
    return None


def modules_of(package):
    root = importlib.import_module(package)
    yield root
    seen = set()
    for info in pkgutil.walk_packages(root.__path__, package + ".", onerror=lambda name: None):
        if info.name in seen or SKIPPED_MODULES.search(info.name[len(package):]):
            continue
        seen.add(info.name)
        if package in ONLY and not ONLY[package].search(info.name):
            continue
        try:
            out, sys.stdout = sys.stdout, io.StringIO()
            try:
                yield importlib.import_module(info.name)
            finally:
                sys.stdout = out
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # modules of optional dependencies
            print(f"skipped {info.name}: {error!r}"[:160], file=sys.stderr)


def learn(package):
    new, call, name, left, ruled = {}, {}, {}, {}, {}
    for module in modules_of(package):
        here = module.__name__
        for key, value in sorted(vars(module).items()):
            if isinstance(value, type):
                qualified = value.__qualname__
                if value.__module__ != here or qualified != key:
                    continue
                if issubclass(value, enum.Enum):
                    call.setdefault(here, []).append(qualified)
                    continue
                reason = why_not_new(value)
                rule = STATE_RULES.get(reason.removeprefix("__setstate__ is ")) if reason else None
                if rule is not None:
                    ruled.setdefault(rule, {}).setdefault(here, []).append(qualified)
                elif reason is None:
                    new.setdefault(here, []).append(qualified)
                else:
                    left.setdefault(reason, []).append(f"{here}.{qualified}")
                    name.setdefault(here, []).append(qualified)
            elif isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) or type(value).__name__ in ("ufunc", "cython_function_or_method"):
                # A ufunc, or a function that says it lives elsewhere, is pickled under the name of where it is found.
                home = getattr(value, "__module__", None) or here
                if type(value).__name__ != "ufunc" and home != here:
                    continue
                if getattr(value, "__name__", key) == key and not TOUCHY.search(key) and key.isidentifier():
                    name.setdefault(here, []).append(key)
    return new, call, name, left, ruled


def main():
    package, out = sys.argv[1], sys.argv[2]
    new, call, name, left, ruled = learn(package)
    version = getattr(sys.modules[package], "__version__", "?")
    groups = []
    if new:
        groups.append({"use": "new", "why": f"a class of {package} whose loading only restores attributes", "names": new})
    for rule, names in sorted(ruled.items()):
        groups.append({"use": "new", "state": rule, "keep": True, "why": f"a class of {package} whose state is checked", "names": names})
    if call:
        groups.append({"use": "call", "members": True, "why": f"an enumeration of {package}: calling it looks a member up", "names": call})
    if name:
        groups.append({"use": "name", "why": f"a function or class of {package} that may be referred to", "names": name})
    document = {
        "library": package,
        "learned": f"{package} {version}, Python {sys.version.split()[0]}, by tools/learn/pickle-globals.py",
        "namespaces": [package],
        "groups": [{**group, "names": {module: " ".join(names) for module, names in sorted(group["names"].items())}} for group in groups],
    }
    with open(out, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
    print(package, version, {key: sum(map(len, value.values())) for key, value in dict(new=new, call=call, name=name).items()})
    if "--review" in sys.argv:
        for reason, classes in sorted(left.items()):
            print("left out:", reason, *classes[:6], len(classes))


main()
