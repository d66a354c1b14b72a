import { mapEntry, message } from "../protobuf/schema.ts";
import type { MessageSchema } from "../protobuf/schema.ts";

// The message types of Core ML that can lead outside the model. What the other model types hold are numbers and texts for Apple's
// own code. https://github.com/apple/coremltools/tree/main/mlmodel/format

/** StringParameter */
export const stringParameter: MessageSchema = message("StringParameter", { 1: "defaultValue: string" });

/** CustomModel */
export const customModel: MessageSchema = message("CustomModel", {
  10: "className: string",
  30: ["parameters*", mapEntry("string", "bytes")],
  40: "description: string",
});

/** LinkedModelFile */
export const linkedModelFile: MessageSchema = message("LinkedModelFile", {
  1: ["linkedModelFileName", () => stringParameter],
  2: ["linkedModelSearchPath", () => stringParameter],
});

/** LinkedModel */
export const linkedModel: MessageSchema = message("LinkedModel", { 1: ["linkedModelFile", () => linkedModelFile] });

/** Pipeline */
export const pipeline: MessageSchema = message("Pipeline", { 1: "models: bytes*", 2: "names: string*" });

/** PipelineClassifier and PipelineRegressor */
export const typedPipeline: MessageSchema = message("PipelineClassifier", { 1: "pipeline: bytes" });

/** MILSpec.Block */
export const milBlock: MessageSchema = message("MILSpec.Block", {
  1: "inputs: bytes*",
  2: "outputs: string*",
  3: "operations: bytes*",
  4: "attributes: bytes*",
});

/** MILSpec.Operation */
export const milOperation: MessageSchema = message("MILSpec.Operation", {
  1: "type: string",
  2: "inputs: bytes*",
  3: "outputs: bytes*",
  4: "blocks: bytes*",
  5: "attributes: bytes*",
});

/** MILSpec.Function */
export const milFunction: MessageSchema = message("MILSpec.Function", {
  1: "inputs: bytes*",
  2: "opset: string",
  3: "block_specializations: bytes*",
  4: "attributes: bytes*",
});

/** MILSpec.Program */
export const milProgram: MessageSchema = message("MILSpec.Program", {
  1: "version: int",
  2: "functions: bytes*",
  3: "docString: string",
  4: "attributes: bytes*",
});

/** MILSpec.Value */
export const milValue: MessageSchema = message("MILSpec.Value", {
  1: "docString: string",
  2: "type: bytes",
  3: "immediateValue: bytes",
  5: "blobFileValue: bytes",
});

/** MILSpec.Value.BlobFileValue */
export const milBlobFile: MessageSchema = message("MILSpec.Value.BlobFileValue", {
  1: "fileName: string",
  2: "offset: int",
});

/** MILSpec.Argument, and the Binding in it */
export const milArgument: MessageSchema = message("MILSpec.Argument", {
  1: ["arguments*", () => milBinding],
});

const milBinding: MessageSchema = message("MILSpec.Argument.Binding", { 1: "name: string", 2: "value: bytes" });

/** An entry of a map whose values are messages that are read further. */
export const entryOfMessages: MessageSchema = message("entry", { 1: "key: string", 2: "value: bytes" });
