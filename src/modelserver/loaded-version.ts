import type { InferenceRuntime, LoadedModel, Tensor, TensorSpec } from "../core/ports.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { nearest } from "../kit/nearest.ts";
import { encodeColumns } from "../models/encode-columns.ts";
import { type FeatureEncoding, parseFeatureEncoding } from "../models/feature-encoding.ts";

/** A version in memory, ready to answer. */
export interface LoadedVersion {
  readonly digest: Digest;
  readonly model: LoadedModel;
  /** How named raw columns become the input tensor, when the version ships `encoding.json`. */
  readonly encoding: FeatureEncoding | undefined;
  /** Size of the version's files: what memory is budgeted by. */
  readonly bytes: number;
}

const encodingFile = "encoding.json";

/**
 * Makes a version ready from its verified files: exactly one `.onnx` file and, if there, `encoding.json` beside it.
 * @throws UNSUPPORTED, MALFORMED
 */
export async function loadVersion(
  runtime: InferenceRuntime,
  digest: Digest,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<LoadedVersion> {
  const models = [...files.keys()].filter((path) => path.toLowerCase().endsWith(".onnx"));
  const [path] = models;
  if (path === undefined || models.length > 1) {
    return fail("UNSUPPORTED", {
      message:
        path === undefined
          ? "The version holds no .onnx file"
          : `The version holds several models: ${models.join(", ")}`,
      where: digest,
      next: "Register a version with one .onnx file (and encoding.json for named columns).",
    });
  }
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const written = files.get(folder + encodingFile);
  const encoding = written && parseFeatureEncoding(written);
  const model = await runtime.load(files.get(path)!);
  try {
    if (encoding) assertFits(encoding, model.inputs);
  } catch (error) {
    await model.close();
    throw error;
  }
  let bytes = 0;
  for (const file of files.values()) bytes += file.length;
  return { digest, model, encoding, bytes };
}

function assertFits({ input, width }: FeatureEncoding, inputs: readonly TensorSpec[]): void {
  const spec = inputs.find(({ name }) => name === input);
  const takes =
    spec && spec.datatype === "FP32" && spec.shape.length === 2 && (spec.shape[1] === -1 || spec.shape[1] === width);
  if (takes && inputs.length === 1) return;
  const described = inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(", ")}]`).join("; ");
  fail("MALFORMED", {
    message: `${encodingFile} makes ${input} FP32 [N, ${width}], but the model takes ${described}`,
    where: encodingFile,
  });
}

/**
 * The tensors the model takes, from what the request sent: the model's own inputs by name, or, when the version has an
 * encoding and no input is named like the model's, one input per raw column.
 * @throws MALFORMED naming the input, the expected datatype and shape
 */
export function prepareInputs(
  { model, encoding }: LoadedVersion,
  given: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  if (encoding && !given.has(encoding.input)) return new Map([[encoding.input, encodeColumns(encoding, given)]]);
  const names = model.inputs.map(({ name }) => name);
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    const close = nearest(name, names);
    fail("MALFORMED", {
      message: `The model has no input ${JSON.stringify(name.slice(0, 80))}`,
      where: "inputs",
      next: close ? `Did you mean "${close}"?` : `It takes ${names.join(", ")}.`,
    });
  }
  for (const spec of model.inputs) assertMatches(spec, given.get(spec.name));
  return given;
}

function assertMatches({ name, datatype, shape }: TensorSpec, tensor: Tensor | undefined): void {
  const wanted = `${datatype} [${shape.map((size) => (size < 0 ? "N" : size)).join(", ")}]`;
  if (!tensor) return fail("MALFORMED", { message: `Input "${name}" (${wanted}) is missing`, where: name });
  const fits =
    tensor.datatype === datatype &&
    tensor.shape.length === shape.length &&
    shape.every((size, dimension) => size < 0 || size === tensor.shape[dimension]);
  if (!fits) {
    fail("MALFORMED", {
      message: `Input "${name}" is ${tensor.datatype} [${tensor.shape.join(", ")}]; the model takes ${wanted}`,
      where: name,
    });
  }
}
