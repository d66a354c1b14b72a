/** Operators by name ("aten::save") that reach outside of the computation, and how. */
const reaching: ReadonlyMap<string, string> = new Map([
  ["aten::save", "writes a file"],
  ["aten::from_file", "maps a file into memory, or makes one"],
  ["prim::rpc_async", "calls a function on another machine"],
  ["prim::rpc_sync", "calls a function on another machine"],
  ["prim::rpc_remote", "calls a function on another machine"],
  ["prim::PythonOp", "calls into Python"],
  ["prim::IgnoredPythonOp", "calls into Python"],
  ["prim::CudaFusionGroup", "runs a compiled kernel"],
  ["prim::ModuleContainerIndex", "belongs to no saved code"],
]);
/** Namespaces of operators that PyTorch brings along and that compute. */
const computing = new Set(
  "aten prim prims nvprims quantized _quantized quantization sparse mkldnn mkldnn_prepacked prepacked onednn mkl _caffe2 xnnpack static_runtime".split(
    " ",
  ),
);
/** Parts of a name that speak of files, machines and code rather than of numbers. */
const outward =
  /(?:^|_)(?:file|files|save|load|open|exec|eval|import|socket|http|url|env|system|path|read|write|library|python|rpc|dlopen)(?:$|_|\d)/;
/** Operators of torchvision that compute. */
const vision = new Set(
  `nms roi_align roi_pool ps_roi_align ps_roi_pool deform_conv2d _roi_align_backward _roi_pool_backward _ps_roi_align_backward
  _ps_roi_pool_backward _deform_conv2d_backward _interpolate_bilinear_aa _interpolate_bicubic_aa`.split(/\s+/),
);

export type OperatorStanding =
  | { readonly standing: "computes" | "foreign" }
  | { readonly standing: "reaches"; readonly how: string };

/** What is known of the operator `space::name`. */
export function operatorStanding(space: string, name: string): OperatorStanding {
  const how = reaching.get(`${space}::${name}`);
  if (how !== undefined) return { standing: "reaches", how };
  if (outward.test(name)) return { standing: "reaches", how: "by its name works with files, machines or code" };
  if (computing.has(space) || (space === "torchvision" && vision.has(name))) return { standing: "computes" };
  if (space === "c10d" || space === "_c10d_functional") return { standing: "reaches", how: "talks to other machines" };
  return { standing: "foreign" };
}

/** Names that TorchScript's own language can call without a prefix. */
export const ownWords: ReadonlySet<string> = new Set(
  `annotate unchecked_cast uninitialized print range len enumerate zip isinstance min max abs all any round divmod ord chr hex oct bin
  sorted float int bool str list dict tuple set complex Tensor List Dict Tuple Optional Union Final Future Awaitable RRef NamedTuple
  Module Interface ModuleInterface Enum fork awaitable awaitable_nowait super hash pow sum slice hasattr tensor device Exception
  return if while for in not and or elif else is lambda assert with del yield`.split(/\s+/),
);
