/** Kinds of nodes skops writes; "reach": kinds whose lookups have been used to run code (CVE-2025-54412, -54413). */
export const loaders: ReadonlyMap<string, "plain" | "reach"> = new Map([
  ...`DictNode DefaultDictNode OrderedDictNode ListNode SetNode TupleNode FunctionNode PartialNode TypeNode SliceNode ObjectNode JsonNode
    BytesNode BytearrayNode NdArrayNode MaskedArrayNode RandomStateNode RandomGeneratorNode SparseMatrixNode CachedNode SGDNode TreeNode
    LossNode DatetimeNode QuantileForestNode ReduceNode BunchNode PartialNode CythonNode FrozensetNode`
    .split(/\s+/)
    .map((name) => [name, "plain"] as const),
  ["MethodNode", "reach"],
  ["OperatorFuncNode", "reach"],
]);

const classes = /^(?:sklearn|xgboost|lightgbm|catboost|imblearn|quantile_forest)(?:\.\w+)*$/;
const numeric = /^(?:numpy|scipy)(?:\.\w+)*$/;
const className = /^_?[A-Z]\w*$/;
const plain = new Set(
  `builtins.dict builtins.list builtins.set builtins.frozenset builtins.tuple builtins.int builtins.float builtins.str builtins.bool
  builtins.complex builtins.bytes builtins.bytearray builtins.slice builtins.NoneType builtins.type builtins.json
  collections.OrderedDict collections.defaultdict datetime.datetime datetime.date datetime.time datetime.timedelta
  functools.partial operator.attrgetter operator.itemgetter numpy.ndarray numpy.dtype numpy.matrix numpy.bool_ numpy.intc
  numpy.ma.core.MaskedArray numpy.random.mtrand.RandomState numpy.random.RandomState numpy.random._generator.Generator
  numpy.random._pcg64.PCG64 numpy.random._mt19937.MT19937 numpy.random._philox.Philox numpy.random._sfc64.SFC64
  scipy.special._ufuncs.expit scipy.special._ufuncs.logit scipy.sparse._csr.csr_matrix scipy.sparse._csc.csc_matrix
  sklearn.utils.Bunch sklearn.utils._bunch.Bunch`.split(/\s+/),
);
/** Parts of these libraries whose classes open files or networks, or run what they are given. */
const outward =
  /(?:datasets|externals|_joblib|parallel|testing|f2py|distutils|ctypeslib|memmap|npyio|_distn_infrastructure|weave|io\.|show_versions|callback|Lambda|FunctionTransformer)/;

/** Is `module.name` a type that estimators are made of? */
export function isTrustedType(module: string, name: string): boolean {
  if (plain.has(`${module}.${name}`)) return true;
  if (outward.test(`${module}.${name}`)) return false;
  if (classes.test(module) && className.test(name)) return true;
  return (
    numeric.test(module) &&
    /^(?:u?int(?:8|16|32|64)?|float(?:16|32|64|128)?|complex(?:64|128)?|bool_?|str_|bytes_|(?:csr|csc|coo|bsr|dia|dok|lil)_(?:matrix|array)|[a-z_]+_(?:gen|frozen)|rv_\w+_frozen)$/.test(
      name,
    )
  );
}
