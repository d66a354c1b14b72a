import type { Tensor } from "../core/ports.ts";
import { concat, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type JsonObject, isJsonObject, jsonObject, parseJson } from "../kit/json.ts";
import { nearest } from "../kit/nearest.ts";
import { tensorFromBinary, tensorToBinary } from "./tensor-binary.ts";
import { tensorFromJson, tensorToJson } from "./tensor-json.ts";
import { defaultTensorLimits, type TensorLimits } from "./shape.ts";

/** An inference request of the Open Inference Protocol (KServe V2), tensors decoded. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The outputs asked for, in order; undefined means all. */
  readonly outputs: readonly WantedOutput[] | undefined;
  /** Send outputs that say nothing else as raw bytes. */
  readonly binaryOutput: boolean;
}

export interface WantedOutput {
  readonly name: string;
  readonly binary: boolean | undefined;
}

/** A response as it goes over the wire; `headerLength` is set when raw tensor bytes follow the JSON. */
export interface InferReply {
  readonly body: Uint8Array;
  readonly headerLength: number | undefined;
}

export const maxInputs = 4096;

/**
 * Reads an inference request body.
 * @param headerLength value of `Inference-Header-Content-Length`: bytes of JSON before raw tensor data; undefined when the body is all JSON
 * @throws MALFORMED, UNSUPPORTED, LIMIT naming the input and element
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function parseInferRequest(
  body: Uint8Array,
  headerLength?: number,
  limits: TensorLimits = defaultTensorLimits,
): InferRequest {
  const jsonLength = headerLength ?? body.length;
  if (!Number.isSafeInteger(jsonLength) || jsonLength < 0 || jsonLength > body.length) {
    fail("MALFORMED", "Inference-Header-Content-Length is not a length within the body");
  }
  const request = jsonObject(parseJson(body.subarray(0, jsonLength), "the request body"), "the request body");
  const { id, inputs: given } = request;
  if (id !== undefined && typeof id !== "string") fail("MALFORMED", "id is not text");
  if (!Array.isArray(given) || given.length === 0) {
    return fail("MALFORMED", {
      message: "The request has no inputs",
      where: "inputs",
      next: 'Send {"inputs":[{"name":…,"datatype":…,"shape":[…],"data":[…]}]}.',
    });
  }
  if (given.length > maxInputs) fail("LIMIT", `The request has more than ${maxInputs} inputs`);
  const inputs = new Map<string, Tensor>();
  let at = jsonLength;
  for (const [index, item] of (given as readonly unknown[]).entries()) {
    const input = jsonObject(item, `inputs[${index}]`);
    const name = input["name"];
    if (typeof name !== "string" || name === "") return fail("MALFORMED", `inputs[${index}] has no name`);
    const where = `input ${JSON.stringify(name.slice(0, 80))}`;
    if (inputs.has(name)) fail("MALFORMED", { message: `${where} is given twice`, where });
    if (typeof input["datatype"] !== "string") fail("MALFORMED", { message: `${where} has no datatype`, where });
    const head = { datatype: input["datatype"], shape: input["shape"], data: input["data"] };
    const size = parameter(input, "binary_data_size");
    if (size === undefined) {
      inputs.set(name, tensorFromJson(head, where, limits));
      continue;
    }
    if (head.data !== undefined) fail("MALFORMED", { message: `${where} has both data and binary_data_size`, where });
    if (!Number.isSafeInteger(size) || (size as number) < 0 || (size as number) > body.length - at) {
      fail("MALFORMED", { message: `${where}: binary_data_size goes beyond the body`, where });
    }
    inputs.set(name, tensorFromBinary(head, body.subarray(at, at + (size as number)), where, limits));
    at += size as number;
  }
  if (at !== body.length) fail("MALFORMED", `${body.length - at} bytes after the last tensor belong to no input`);
  return {
    id,
    inputs,
    outputs: wantedOutputs(request),
    binaryOutput: parameter(request, "binary_data_output") === true,
  };
}

function wantedOutputs(request: JsonObject): readonly WantedOutput[] | undefined {
  const given = request["outputs"];
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length > maxInputs)
    return fail("MALFORMED", "outputs is not an array of wanted outputs");
  return (given as readonly unknown[]).map((item, index) => {
    const output = jsonObject(item, `outputs[${index}]`);
    if (typeof output["name"] !== "string") return fail("MALFORMED", `outputs[${index}] has no name`);
    const binary = parameter(output, "binary_data");
    return { name: output["name"], binary: typeof binary === "boolean" ? binary : undefined };
  });
}

function parameter(of: JsonObject, name: string): unknown {
  const parameters = of["parameters"];
  return isJsonObject(parameters) && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}

/**
 * Writes an inference response with the outputs the request asked for.
 * @throws NOT_FOUND for an output the model does not have; UNSUPPORTED for NaN or infinity in a JSON output
 */
export function writeInferReply(
  model: { readonly name: string; readonly version: string },
  request: InferRequest,
  results: ReadonlyMap<string, Tensor>,
): InferReply {
  const wanted = request.outputs ?? Array.from(results.keys(), (name) => ({ name, binary: undefined }));
  const written: string[] = [];
  const raw: Uint8Array[] = [];
  for (const { name, binary } of wanted) {
    const tensor = results.get(name);
    if (!tensor) {
      const close = nearest(name, results.keys());
      return fail("NOT_FOUND", {
        message: `The model has no output ${JSON.stringify(name.slice(0, 80))}`,
        where: "outputs",
        next: close ? `Did you mean "${close}"?` : `It has ${[...results.keys()].join(", ")}.`,
      });
    }
    if (binary ?? request.binaryOutput) {
      const bytes = tensorToBinary(tensor);
      raw.push(bytes);
      written.push(
        `{"name":${JSON.stringify(name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(",")}],"parameters":{"binary_data_size":${bytes.length}}}`,
      );
    } else {
      written.push(tensorToJson(name, tensor));
    }
  }
  const id = request.id === undefined ? "" : `"id":${JSON.stringify(request.id)},`;
  const json = utf8(
    `{"model_name":${JSON.stringify(model.name)},"model_version":${JSON.stringify(model.version)},${id}"outputs":[${written.join(",")}]}`,
  );
  return raw.length === 0
    ? { body: json, headerLength: undefined }
    : { body: concat(json, ...raw), headerLength: json.length };
}
