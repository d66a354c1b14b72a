import { mapEntry, message } from "../protobuf/schema.ts";
import { any, graphDef, metaGraphDefMetaInfoDef, tensorProto, tensorShapeProto, versionDef } from "./graph-schema.ts";
import type { MessageSchema } from "../protobuf/schema.ts";

// The message types of a SavedModel, as of TensorFlow 2.21.
// https://github.com/tensorflow/tensorflow/tree/master/tensorflow/core/{framework,protobuf}

/** SaverDef */
export const saverDef: MessageSchema = message("SaverDef", {
  1: "filename_tensor_name: string",
  2: "save_tensor_name: string",
  3: "restore_op_name: string",
  4: "max_to_keep: int",
  5: "sharded: int",
  6: "keep_checkpoint_every_n_hours: fixed32",
  7: "version: int",
});

const collectionDefNodeList: MessageSchema = message("CollectionDef.NodeList", {
  1: "value: string*",
});

const collectionDefBytesList: MessageSchema = message("CollectionDef.BytesList", {
  1: "value: bytes*",
});

const collectionDefInt64List: MessageSchema = message("CollectionDef.Int64List", {
  1: "value: int*",
});

const collectionDefFloatList: MessageSchema = message("CollectionDef.FloatList", {
  1: "value: fixed32*",
});

const collectionDefAnyList: MessageSchema = message("CollectionDef.AnyList", {
  1: ["value*", () => any],
});

/** CollectionDef */
export const collectionDef: MessageSchema = message("CollectionDef", {
  1: ["node_list", () => collectionDefNodeList],
  2: ["bytes_list", () => collectionDefBytesList],
  3: ["int64_list", () => collectionDefInt64List],
  4: ["float_list", () => collectionDefFloatList],
  5: ["any_list", () => collectionDefAnyList],
});

const tensorInfoCooSparse: MessageSchema = message("TensorInfo.CooSparse", {
  1: "values_tensor_name: string",
  2: "indices_tensor_name: string",
  3: "dense_shape_tensor_name: string",
});

const noneValue: MessageSchema = message("NoneValue", {});

const tensorSpecProto: MessageSchema = message("TensorSpecProto", {
  1: "name: string",
  2: ["shape", () => tensorShapeProto],
  3: "dtype: int",
});

const boundedTensorSpecProto: MessageSchema = message("BoundedTensorSpecProto", {
  1: "name: string",
  2: ["shape", () => tensorShapeProto],
  3: "dtype: int",
  4: ["minimum", () => tensorProto],
  5: ["maximum", () => tensorProto],
});

/** ListValue */
export const listValue: MessageSchema = message("ListValue", {
  1: ["values*", () => structuredValue],
});

const tupleValue: MessageSchema = message("TupleValue", {
  1: ["values*", () => structuredValue],
});

const dictValue: MessageSchema = message("DictValue", {
  1: ["fields*", mapEntry("string", () => structuredValue)],
});

const pairValue: MessageSchema = message("PairValue", {
  1: "key: string",
  2: ["value", () => structuredValue],
});

const namedTupleValue: MessageSchema = message("NamedTupleValue", {
  1: "name: string",
  2: ["values*", () => pairValue],
});

const structuredValue: MessageSchema = message("StructuredValue", {
  1: ["none_value", () => noneValue],
  11: "float64_value: fixed64",
  12: "int64_value: int",
  13: "string_value: string",
  14: "bool_value: int",
  31: ["tensor_shape_value", () => tensorShapeProto],
  32: "tensor_dtype_value: int",
  33: ["tensor_spec_value", () => tensorSpecProto],
  34: ["type_spec_value", () => typeSpecProto],
  35: ["bounded_tensor_spec_value", () => boundedTensorSpecProto],
  51: ["list_value", () => listValue],
  52: ["tuple_value", () => tupleValue],
  53: ["dict_value", () => dictValue],
  54: ["named_tuple_value", () => namedTupleValue],
  55: ["tensor_value", () => tensorProto],
  56: ["numpy_value", () => tensorProto],
});

const typeSpecProto: MessageSchema = message("TypeSpecProto", {
  1: "type_spec_class: int",
  2: ["type_state", () => structuredValue],
  3: "type_spec_class_name: string",
  4: "num_flat_components: int",
});

const tensorInfoCompositeTensor: MessageSchema = message("TensorInfo.CompositeTensor", {
  1: ["type_spec", () => typeSpecProto],
  2: ["components*", () => tensorInfo],
});

/** TensorInfo */
export const tensorInfo: MessageSchema = message("TensorInfo", {
  1: "name: string",
  2: "dtype: int",
  3: ["tensor_shape", () => tensorShapeProto],
  4: ["coo_sparse", () => tensorInfoCooSparse],
  5: ["composite_tensor", () => tensorInfoCompositeTensor],
});

/** SignatureDef */
export const signatureDef: MessageSchema = message("SignatureDef", {
  1: ["inputs*", mapEntry("string", () => tensorInfo)],
  2: ["outputs*", mapEntry("string", () => tensorInfo)],
  3: "method_name: string",
  4: ["defaults*", mapEntry("string", () => tensorProto)],
});

/** AssetFileDef */
export const assetFileDef: MessageSchema = message("AssetFileDef", {
  1: ["tensor_info", () => tensorInfo],
  2: "filename: string",
});

const trackableObjectGraphTrackableObjectObjectReference: MessageSchema = message(
  "TrackableObjectGraph.TrackableObject.ObjectReference",
  {
    1: "node_id: int",
    2: "local_name: string",
  },
);

const trackableObjectGraphTrackableObjectSlotVariableReference: MessageSchema = message(
  "TrackableObjectGraph.TrackableObject.SlotVariableReference",
  {
    1: "original_variable_node_id: int",
    2: "slot_name: string",
    3: "slot_variable_node_id: int",
  },
);

/** SavedUserObject */
export const savedUserObject: MessageSchema = message("SavedUserObject", {
  1: "identifier: string",
  2: ["version", () => versionDef],
  3: "metadata: string",
});

const savedAsset: MessageSchema = message("SavedAsset", {
  1: "asset_file_def_index: int",
});

const functionSpec: MessageSchema = message("FunctionSpec", {
  1: ["fullargspec", () => structuredValue],
  2: "is_method: int",
  5: ["input_signature", () => structuredValue],
  6: "jit_compile: int",
});

const savedFunction: MessageSchema = message("SavedFunction", {
  1: "concrete_functions: string*",
  2: ["function_spec", () => functionSpec],
});

const savedVariable: MessageSchema = message("SavedVariable", {
  1: "dtype: int",
  2: ["shape", () => tensorShapeProto],
  3: "trainable: int",
  4: "synchronization: int",
  5: "aggregation: int",
  6: "name: string",
  7: "device: string",
  8: ["experimental_distributed_variable_components*", () => savedVariable],
});

const savedBareConcreteFunction: MessageSchema = message("SavedBareConcreteFunction", {
  1: "concrete_function_name: string",
  2: "argument_keywords: string*",
  3: "allowed_positional_arguments: int",
  4: ["function_spec", () => functionSpec],
});

const savedConstant: MessageSchema = message("SavedConstant", {
  1: "operation: string",
});

const savedResource: MessageSchema = message("SavedResource", {
  1: "device: string",
});

const capturedTensor: MessageSchema = message("CapturedTensor", {
  1: "name: string",
  2: "concrete_function: string",
});

const saveableObject: MessageSchema = message("SaveableObject", {
  2: "save_function: int",
  3: "restore_function: int",
});

/** SavedObject */
export const savedObject: MessageSchema = message("SavedObject", {
  1: ["children*", () => trackableObjectGraphTrackableObjectObjectReference],
  3: ["slot_variables*", () => trackableObjectGraphTrackableObjectSlotVariableReference],
  4: ["user_object", () => savedUserObject],
  5: ["asset", () => savedAsset],
  6: ["function", () => savedFunction],
  7: ["variable", () => savedVariable],
  8: ["bare_concrete_function", () => savedBareConcreteFunction],
  9: ["constant", () => savedConstant],
  10: ["resource", () => savedResource],
  11: ["saveable_objects*", mapEntry("string", () => saveableObject)],
  12: ["captured_tensor", () => capturedTensor],
  13: "registered_name: string",
  14: ["serialized_user_proto", () => any],
  15: ["dependencies*", () => trackableObjectGraphTrackableObjectObjectReference],
  16: "registered_saver: string",
});

const savedConcreteFunction: MessageSchema = message("SavedConcreteFunction", {
  2: "bound_inputs: int*",
  3: ["canonicalized_input_signature", () => structuredValue],
  4: ["output_signature", () => structuredValue],
});

/** SavedObjectGraph */
export const savedObjectGraph: MessageSchema = message("SavedObjectGraph", {
  1: ["nodes*", () => savedObject],
  2: ["concrete_functions*", mapEntry("string", () => savedConcreteFunction)],
});

/** MetaGraphDef */
export const metaGraphDef: MessageSchema = message("MetaGraphDef", {
  1: ["meta_info_def", () => metaGraphDefMetaInfoDef],
  2: ["graph_def", () => graphDef],
  3: ["saver_def", () => saverDef],
  4: ["collection_def*", mapEntry("string", () => collectionDef)],
  5: ["signature_def*", mapEntry("string", () => signatureDef)],
  6: ["asset_file_def*", () => assetFileDef],
  7: ["object_graph_def", () => savedObjectGraph],
});

/** SavedModel */
export const savedModel: MessageSchema = message("SavedModel", {
  1: "saved_model_schema_version: int",
  2: ["meta_graphs*", () => metaGraphDef],
});

/** FingerprintDef */
export const fingerprintDef: MessageSchema = message("FingerprintDef", {
  1: "saved_model_checksum: int",
  2: "graph_def_program_hash: int",
  3: "signature_def_hash: int",
  4: "saved_object_graph_hash: int",
  5: "checkpoint_hash: int",
  6: ["version", () => versionDef],
  7: "uuid: string",
});

const kerasVersion: MessageSchema = message("keras.VersionDef", {
  1: "producer: int",
  2: "min_consumer: int",
  3: "bad_consumers: int*",
});

/** SavedObject of keras_metadata.pb */
export const kerasObject: MessageSchema = message("keras.SavedObject", {
  2: "node_id: int",
  3: "node_path: string",
  4: "identifier: string",
  5: "metadata: string",
  6: ["version", () => kerasVersion],
});

/** SavedMetadata */
export const savedMetadata: MessageSchema = message("keras.SavedMetadata", {
  1: ["nodes*", () => kerasObject],
});
