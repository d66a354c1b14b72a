import { message } from "../protobuf/schema.ts";
import type { MessageSchema } from "../protobuf/schema.ts";

// The message types of ONNX IR version 13. https://github.com/onnx/onnx/blob/main/onnx/onnx.in.proto

/** OperatorSetIdProto */
export const operatorSetIdProto: MessageSchema = message("OperatorSetIdProto", {
  1: "domain: string",
  2: "version: int",
});

const tensorProtoSegment: MessageSchema = message("TensorProto.Segment", {
  1: "begin: int",
  2: "end: int",
});

/** StringStringEntryProto */
export const stringStringEntryProto: MessageSchema = message("StringStringEntryProto", {
  1: "key: string",
  2: "value: string",
});

/** TensorProto */
export const tensorProto: MessageSchema = message("TensorProto", {
  1: "dims: int*",
  2: "data_type: int",
  3: ["segment", () => tensorProtoSegment],
  4: "float_data: fixed32*",
  5: "int32_data: int*",
  6: "string_data: bytes*",
  7: "int64_data: int*",
  8: "name: string",
  9: "raw_data: bytes",
  10: "double_data: fixed64*",
  11: "uint64_data: int*",
  12: "doc_string: string",
  13: ["external_data*", () => stringStringEntryProto],
  14: "data_location: int",
  16: ["metadata_props*", () => stringStringEntryProto],
});

/** SparseTensorProto */
export const sparseTensorProto: MessageSchema = message("SparseTensorProto", {
  1: ["values", () => tensorProto],
  2: ["indices", () => tensorProto],
  3: "dims: int*",
});

const tensorShapeProtoDimension: MessageSchema = message("TensorShapeProto.Dimension", {
  1: "dim_value: int",
  2: "dim_param: string",
  3: "denotation: string",
});

const tensorShapeProto: MessageSchema = message("TensorShapeProto", {
  1: ["dim*", () => tensorShapeProtoDimension],
});

const typeProtoTensor: MessageSchema = message("TypeProto.Tensor", {
  1: "elem_type: int",
  2: ["shape", () => tensorShapeProto],
});

const typeProtoSequence: MessageSchema = message("TypeProto.Sequence", {
  1: ["elem_type", () => typeProto],
});

const typeProtoMap: MessageSchema = message("TypeProto.Map", {
  1: "key_type: int",
  2: ["value_type", () => typeProto],
});

const typeProtoOptional: MessageSchema = message("TypeProto.Optional", {
  1: ["elem_type", () => typeProto],
});

const typeProtoSparseTensor: MessageSchema = message("TypeProto.SparseTensor", {
  1: "elem_type: int",
  2: ["shape", () => tensorShapeProto],
});

const typeProtoOpaque: MessageSchema = message("TypeProto.Opaque", {
  1: "domain: string",
  2: "name: string",
});

/** TypeProto */
export const typeProto: MessageSchema = message("TypeProto", {
  1: ["tensor_type", () => typeProtoTensor],
  4: ["sequence_type", () => typeProtoSequence],
  5: ["map_type", () => typeProtoMap],
  6: "denotation: string",
  7: ["opaque_type", () => typeProtoOpaque],
  8: ["sparse_tensor_type", () => typeProtoSparseTensor],
  9: ["optional_type", () => typeProtoOptional],
});

/** AttributeProto */
export const attributeProto: MessageSchema = message("AttributeProto", {
  1: "name: string",
  2: "f: fixed32",
  3: "i: int",
  4: "s: bytes",
  5: ["t", () => tensorProto],
  6: ["g", () => graphProto],
  7: "floats: fixed32*",
  8: "ints: int*",
  9: "strings: bytes*",
  10: ["tensors*", () => tensorProto],
  11: ["graphs*", () => graphProto],
  13: "doc_string: string",
  14: ["tp", () => typeProto],
  15: ["type_protos*", () => typeProto],
  20: "type: int",
  21: "ref_attr_name: string",
  22: ["sparse_tensor", () => sparseTensorProto],
  23: ["sparse_tensors*", () => sparseTensorProto],
});

const intIntListEntryProto: MessageSchema = message("IntIntListEntryProto", {
  1: "key: int",
  2: "value: int*",
});

const simpleShardedDimProto: MessageSchema = message("SimpleShardedDimProto", {
  1: "dim_value: int",
  2: "dim_param: string",
  3: "num_shards: int",
});

const shardedDimProto: MessageSchema = message("ShardedDimProto", {
  1: "axis: int",
  2: ["simple_sharding*", () => simpleShardedDimProto],
});

const shardingSpecProto: MessageSchema = message("ShardingSpecProto", {
  1: "tensor_name: string",
  2: "device: int*",
  3: ["index_to_device_group_map*", () => intIntListEntryProto],
  4: ["sharded_dim*", () => shardedDimProto],
});

const nodeDeviceConfigurationProto: MessageSchema = message("NodeDeviceConfigurationProto", {
  1: "configuration_id: string",
  2: ["sharding_spec*", () => shardingSpecProto],
  3: "pipeline_stage: int",
});

/** NodeProto */
export const nodeProto: MessageSchema = message("NodeProto", {
  1: "input: string*",
  2: "output: string*",
  3: "name: string",
  4: "op_type: string",
  5: ["attribute*", () => attributeProto],
  6: "doc_string: string",
  7: "domain: string",
  8: "overload: string",
  9: ["metadata_props*", () => stringStringEntryProto],
  10: ["device_configurations*", () => nodeDeviceConfigurationProto],
});

/** ValueInfoProto */
export const valueInfoProto: MessageSchema = message("ValueInfoProto", {
  1: "name: string",
  2: ["type", () => typeProto],
  3: "doc_string: string",
  4: ["metadata_props*", () => stringStringEntryProto],
});

const tensorAnnotation: MessageSchema = message("TensorAnnotation", {
  1: "tensor_name: string",
  2: ["quant_parameter_tensor_names*", () => stringStringEntryProto],
});

/** GraphProto */
export const graphProto: MessageSchema = message("GraphProto", {
  1: ["node*", () => nodeProto],
  2: "name: string",
  5: ["initializer*", () => tensorProto],
  10: "doc_string: string",
  11: ["input*", () => valueInfoProto],
  12: ["output*", () => valueInfoProto],
  13: ["value_info*", () => valueInfoProto],
  14: ["quantization_annotation*", () => tensorAnnotation],
  15: ["sparse_initializer*", () => sparseTensorProto],
  16: ["metadata_props*", () => stringStringEntryProto],
});

/** TrainingInfoProto */
export const trainingInfoProto: MessageSchema = message("TrainingInfoProto", {
  1: ["initialization", () => graphProto],
  2: ["algorithm", () => graphProto],
  3: ["initialization_binding*", () => stringStringEntryProto],
  4: ["update_binding*", () => stringStringEntryProto],
});

/** FunctionProto */
export const functionProto: MessageSchema = message("FunctionProto", {
  1: "name: string",
  4: "input: string*",
  5: "output: string*",
  6: "attribute: string*",
  7: ["node*", () => nodeProto],
  8: "doc_string: string",
  9: ["opset_import*", () => operatorSetIdProto],
  10: "domain: string",
  11: ["attribute_proto*", () => attributeProto],
  12: ["value_info*", () => valueInfoProto],
  13: "overload: string",
  14: ["metadata_props*", () => stringStringEntryProto],
});

const deviceConfigurationProto: MessageSchema = message("DeviceConfigurationProto", {
  1: "name: string",
  2: "num_devices: int",
  3: "device: string*",
});

/** ModelProto */
export const modelProto: MessageSchema = message("ModelProto", {
  1: "ir_version: int",
  2: "producer_name: string",
  3: "producer_version: string",
  4: "domain: string",
  5: "model_version: int",
  6: "doc_string: string",
  7: ["graph", () => graphProto],
  8: ["opset_import*", () => operatorSetIdProto],
  14: ["metadata_props*", () => stringStringEntryProto],
  20: ["training_info*", () => trainingInfoProto],
  25: ["functions*", () => functionProto],
  26: ["configuration*", () => deviceConfigurationProto],
});
