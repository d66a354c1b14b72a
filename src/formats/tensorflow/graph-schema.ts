import { mapEntry, message } from "../protobuf/schema.ts";
import type { MessageSchema } from "../protobuf/schema.ts";

// The message types of a SavedModel, as of TensorFlow 2.21.
// https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/{framework,protobuf}

const tensorShapeProtoDim: MessageSchema = message("TensorShapeProto.Dim", {
  1: "size: int",
  2: "name: string",
});

/** TensorShapeProto */
export const tensorShapeProto: MessageSchema = message("TensorShapeProto", {
  2: ["dim*", () => tensorShapeProtoDim],
  3: "unknown_rank: int",
});

const resourceHandleProtoDtypeAndShape: MessageSchema = message("ResourceHandleProto.DtypeAndShape", {
  1: "dtype: int",
  2: ["shape", () => tensorShapeProto],
});

const fullTypeDef: MessageSchema = message("FullTypeDef", {
  1: "type_id: int",
  2: ["args*", () => fullTypeDef],
  3: "s: string",
  4: "i: int",
});

const opDefArgDef: MessageSchema = message("OpDef.ArgDef", {
  1: "name: string",
  2: "description: string",
  3: "type: int",
  4: "type_attr: string",
  5: "number_attr: string",
  6: "type_list_attr: string",
  7: ["handle_data*", () => resourceHandleProtoDtypeAndShape],
  16: "is_ref: int",
  17: ["experimental_full_type", () => fullTypeDef],
});

const resourceHandleProto: MessageSchema = message("ResourceHandleProto", {
  1: "device: string",
  2: "container: string",
  3: "name: string",
  4: "hash_code: int",
  5: "maybe_type_name: string",
  6: ["dtypes_and_shapes*", () => resourceHandleProtoDtypeAndShape],
});

const variantTensorDataProto: MessageSchema = message("VariantTensorDataProto", {
  1: "type_name: string",
  2: "metadata: bytes",
  3: ["tensors*", () => tensorProto],
});

/** TensorProto */
export const tensorProto: MessageSchema = message("TensorProto", {
  1: "dtype: int",
  2: ["tensor_shape", () => tensorShapeProto],
  3: "version_number: int",
  4: "tensor_content: bytes",
  5: "float_val: fixed32*",
  6: "double_val: fixed64*",
  7: "int_val: int*",
  8: "string_val: bytes*",
  9: "scomplex_val: fixed32*",
  10: "int64_val: int*",
  11: "bool_val: int*",
  12: "dcomplex_val: fixed64*",
  13: "half_val: int*",
  14: ["resource_handle_val*", () => resourceHandleProto],
  15: ["variant_val*", () => variantTensorDataProto],
  16: "uint32_val: int*",
  17: "uint64_val: int*",
  18: "float8_val: bytes",
});

/** NameAttrList */
export const nameAttrList: MessageSchema = message("NameAttrList", {
  1: "name: string",
  2: ["attr*", mapEntry("string", () => attrValue)],
});

/** ListValue */
export const attrValueListValue: MessageSchema = message("AttrValue.ListValue", {
  2: "s: bytes*",
  3: "i: int*",
  4: "f: fixed32*",
  5: "b: int*",
  6: "type: int*",
  7: ["shape*", () => tensorShapeProto],
  8: ["tensor*", () => tensorProto],
  9: ["func*", () => nameAttrList],
});

/** AttrValue */
export const attrValue: MessageSchema = message("AttrValue", {
  1: ["list", () => attrValueListValue],
  2: "s: bytes",
  3: "i: int",
  4: "f: fixed32",
  5: "b: int",
  6: "type: int",
  7: ["shape", () => tensorShapeProto],
  8: ["tensor", () => tensorProto],
  9: "placeholder: string",
  10: ["func", () => nameAttrList],
});

const opDefAttrDef: MessageSchema = message("OpDef.AttrDef", {
  1: "name: string",
  2: "type: string",
  3: ["default_value", () => attrValue],
  4: "description: string",
  5: "has_minimum: int",
  6: "minimum: int",
  7: ["allowed_values", () => attrValue],
});

const opDeprecation: MessageSchema = message("OpDeprecation", {
  1: "version: int",
  2: "explanation: string",
});

/** OpDef */
export const opDef: MessageSchema = message("OpDef", {
  1: "name: string",
  2: ["input_arg*", () => opDefArgDef],
  3: ["output_arg*", () => opDefArgDef],
  4: ["attr*", () => opDefAttrDef],
  5: "summary: string",
  6: "description: string",
  8: ["deprecation", () => opDeprecation],
  16: "is_aggregate: int",
  17: "is_stateful: int",
  18: "is_commutative: int",
  19: "allows_uninitialized_input: int",
  20: "control_output: string*",
  21: "is_distributed_communication: int",
});

const opList: MessageSchema = message("OpList", {
  1: ["op*", () => opDef],
});

/** Any */
export const any: MessageSchema = message("google.protobuf.Any", {
  1: "type_url: string",
  2: "value: bytes",
});

/** MetaInfoDef */
export const metaGraphDefMetaInfoDef: MessageSchema = message("MetaGraphDef.MetaInfoDef", {
  1: "meta_graph_version: string",
  2: ["stripped_op_list", () => opList],
  3: ["any_info", () => any],
  4: "tags: string*",
  5: "tensorflow_version: string",
  6: "tensorflow_git_version: string",
  7: "stripped_default_attrs: int",
  8: ["function_aliases*", mapEntry("string", "string")],
});

const nodeDefExperimentalDebugInfo: MessageSchema = message("NodeDef.ExperimentalDebugInfo", {
  1: "original_node_names: string*",
  2: "original_func_names: string*",
});

/** NodeDef */
export const nodeDef: MessageSchema = message("NodeDef", {
  1: "name: string",
  2: "op: string",
  3: "input: string*",
  4: "device: string",
  5: ["attr*", mapEntry("string", () => attrValue)],
  6: ["experimental_debug_info", () => nodeDefExperimentalDebugInfo],
  7: ["experimental_type", () => fullTypeDef],
});

/** VersionDef */
export const versionDef: MessageSchema = message("VersionDef", {
  1: "producer: int",
  2: "min_consumer: int",
  3: "bad_consumers: int*",
});

const functionDefArgAttrs: MessageSchema = message("FunctionDef.ArgAttrs", {
  1: ["attr*", mapEntry("string", () => attrValue)],
});

/** FunctionDef */
export const functionDef: MessageSchema = message("FunctionDef", {
  1: ["signature", () => opDef],
  3: ["node_def*", () => nodeDef],
  4: ["ret*", mapEntry("string", "string")],
  5: ["attr*", mapEntry("string", () => attrValue)],
  6: ["control_ret*", mapEntry("string", "string")],
  7: ["arg_attr*", mapEntry("int", () => functionDefArgAttrs)],
  8: ["resource_arg_unique_id*", mapEntry("int", "int")],
});

const gradientDef: MessageSchema = message("GradientDef", {
  1: "function_name: string",
  2: "gradient_func: string",
});

const registeredGradient: MessageSchema = message("RegisteredGradient", {
  1: "gradient_func: string",
  2: "registered_op_type: string",
});

/** FunctionDefLibrary */
export const functionDefLibrary: MessageSchema = message("FunctionDefLibrary", {
  1: ["function*", () => functionDef],
  2: ["gradient*", () => gradientDef],
  3: ["registered_gradients*", () => registeredGradient],
});

const graphDebugInfoFileLineCol: MessageSchema = message("GraphDebugInfo.FileLineCol", {
  1: "file_index: int",
  2: "line: int",
  3: "col: int",
  4: "func: string",
  5: "code: string",
});

const graphDebugInfoStackTrace: MessageSchema = message("GraphDebugInfo.StackTrace", {
  1: ["file_line_cols*", () => graphDebugInfoFileLineCol],
  2: "frame_id: fixed64*",
});

const graphDebugInfo: MessageSchema = message("GraphDebugInfo", {
  1: "files: string*",
  2: ["traces*", mapEntry("string", () => graphDebugInfoStackTrace)],
  4: ["frames_by_id*", mapEntry("fixed64", () => graphDebugInfoFileLineCol)],
  5: ["name_to_trace_id*", mapEntry("string", "fixed64")],
  6: ["traces_by_id*", mapEntry("fixed64", () => graphDebugInfoStackTrace)],
});

/** GraphDef */
export const graphDef: MessageSchema = message("GraphDef", {
  1: ["node*", () => nodeDef],
  2: ["library", () => functionDefLibrary],
  3: "version: int",
  4: ["versions", () => versionDef],
  5: ["debug_info", () => graphDebugInfo],
});
