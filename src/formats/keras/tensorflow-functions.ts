/** Parts of TensorFlow's public functions that compute and do nothing else; by the first name below `tf.`. */
const parts = new Set(
  `math nn linalg signal image bitwise strings ragged sparse sets random dtypes experimental.numpy keras.activations keras.backend
  __operators__ quantization audio`.split(/\s+/),
);
const single = new Set(
  `abs acos acosh add add_n argmax argmin argsort asin asinh atan atan2 atanh batch_to_space bitcast boolean_mask broadcast_static_shape
  broadcast_to cast clip_by_global_norm clip_by_norm clip_by_value complex concat constant convert_to_tensor cos cosh cumsum divide
  dynamic_partition dynamic_stitch edit_distance eig eigvals einsum ensure_shape equal exp expand_dims eye fill floor foldl foldr gather
  gather_nd greater greater_equal hessians histogram_fixed_width identity identity_n less less_equal linspace logical_and logical_not
  logical_or matmul matrix_square_root maximum meshgrid minimum multiply negative norm not_equal one_hot ones ones_like pad parallel_stack
  pow range rank realdiv reduce_all reduce_any reduce_logsumexp reduce_max reduce_mean reduce_min reduce_prod reduce_sum repeat reshape
  reverse reverse_sequence roll round saturate_cast scalar_mul scan scatter_nd searchsorted sequence_mask shape shape_n sigmoid sign sin
  sinh size slice sort space_to_batch space_to_batch_nd split sqrt square squeeze stack stop_gradient strided_slice subtract switch_case
  tan tanh tensor_scatter_nd_add tensor_scatter_nd_max tensor_scatter_nd_min tensor_scatter_nd_sub tensor_scatter_nd_update tensordot
  tile transpose truncatediv truncatemod tuple unique unique_with_counts unravel_index unstack where zeros zeros_like`.split(
    /\s+/,
  ),
);

/** Does `tf.<name>` only compute? */
export function computesOnly(name: string): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) return false;
  const plain = name.replace(/^(?:compat\.v[12]\.)/, "");
  if (single.has(plain)) return true;
  const cut = plain.lastIndexOf(".");
  return cut > 0 && parts.has(plain.slice(0, cut));
}
