import type { ByteSource } from "../../core/byte-source.ts";
import { probeMessage } from "../protobuf/probe.ts";
import { modelType } from "./model-types.ts";

/** Fields of ModelDescription, all of them length-delimited. */
const description = new Set([1, 10, 11, 12, 13, 20, 21, 50, 100]);

/** True when the bytes have the form of a Core ML model: a version, a description, and one of the model types. */
export function looksLikeCoreml(source: ByteSource): boolean {
  const { fields } = probeMessage(source, 10_000);
  const version = fields.some(({ number, wire, value }) => number === 1 && wire === 0 && value > 0 && value < 1000);
  if (!version || !fields.some(({ number, wire }) => wire === 2 && modelType(number) !== undefined)) return false;
  return fields
    .filter(({ number }) => number === 2)
    .every(({ wire, start, end }) => {
      if (wire !== 2) return false;
      const inner = probeMessage(source, 50, start, end).fields;
      return (
        inner.every(({ number, wire }) => !description.has(number) || wire === 2) &&
        (inner.length === 0 || inner.some(({ number }) => description.has(number)))
      );
    });
}
