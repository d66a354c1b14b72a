import type { TensorSpec } from "../core/ports.ts";
import { utf8 } from "../kit/bytes.ts";
import { hexOfDigest } from "../kit/digest.ts";
import { parseInferRequest, writeInferReply } from "../models/infer-protocol.ts";
import { type LoadedVersion, prepareInputs } from "./loaded-version.ts";

/** A finished response. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
  /** Set when raw tensor bytes follow the JSON. */
  readonly headerLength?: number | undefined;
}

/** A response that carries one JSON document. */
export function jsonAnswer(status: number, document: unknown): Answer {
  return { status, body: utf8(JSON.stringify(document)) };
}

/**
 * Runs one inference.
 * @throws MALFORMED, UNSUPPORTED, LIMIT for what the client got wrong
 */
export async function infer(
  name: string,
  version: LoadedVersion,
  body: Uint8Array,
  headerLength: number | undefined,
): Promise<Answer> {
  const request = parseInferRequest(body, headerLength);
  const results = await version.model.run(prepareInputs(version, request.inputs));
  const reply = writeInferReply({ name, version: hexOfDigest(version.digest) }, request, results);
  return { status: 200, body: reply.body, headerLength: reply.headerLength };
}

/**
 * Model metadata of the Open Inference Protocol. A version with an encoding also lists its raw columns under
 * `parameters.columns`, as inputs that may be sent instead of the tensor.
 */
export function metadata(name: string, { digest, model, encoding }: LoadedVersion): Answer {
  const document = {
    name,
    versions: [hexOfDigest(digest)],
    platform: "onnx",
    inputs: model.inputs.map(specJson),
    outputs: model.outputs.map(specJson),
    ...(encoding && {
      parameters: {
        columns: encoding.columns.map((column) =>
          column.kind === "number"
            ? { name: column.column, datatype: "FP32", shape: [-1] }
            : { name: column.column, datatype: "BYTES", shape: [-1], levels: column.levels },
        ),
      },
    }),
  };
  return jsonAnswer(200, document);
}

function specJson({ name, datatype, shape }: TensorSpec): { name: string; datatype: string; shape: readonly number[] } {
  return { name, datatype, shape };
}
