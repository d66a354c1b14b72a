import { fail } from "../kit/errors.ts";

/** Where a field of a protobuf message holds messages of another kind; unnamed fields are skipped. */
type Fields = { readonly [field: number]: MessageKind };
type MessageKind = "graph" | "node" | "attribute" | "tensor" | "sparse" | "function" | "training" | "entry";

/** The parts of onnx.proto through which a tensor can be reached. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const fieldsOf: { readonly [kind in MessageKind | "model"]: Fields } = {
  model: { 7: "graph", 20: "training", 25: "function" },
  training: { 1: "graph", 2: "graph" },
  graph: { 1: "node", 5: "tensor", 15: "sparse" },
  function: { 7: "node", 11: "attribute" },
  node: { 5: "attribute" },
  attribute: { 5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse" },
  sparse: { 1: "tensor", 2: "tensor" },
  tensor: { 13: "entry" },
  entry: {},
};

const maxDepth = 64;

/**
 * True when an ONNX model says that some of its weights lie in other files. Such a model makes the runtime open paths of
 * the model's choosing (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480), outside the bytes whose digest was verified.
 * @throws MALFORMED when the bytes are not a protobuf message
 */
export function hasExternalData(model: Uint8Array): boolean {
  return walk(model, "model", 0);
}

function walk(bytes: Uint8Array, kind: MessageKind | "model", depth: number): boolean {
  if (depth > maxDepth) fail("LIMIT", "The ONNX model is nested too deeply");
  const fields = fieldsOf[kind];
  let at = 0;
  while (at < bytes.length) {
    const key = varint(bytes, at);
    at = key.next;
    const field = Math.floor(key.value / 8);
    const wire = key.value % 8;
    if (wire === 2) {
      const length = varint(bytes, at);
      at = length.next + length.value;
      if (at > bytes.length) malformed();
      // Any entry at all is enough: whether `location` comes first, or twice, must not matter.
      if (fields[field] === "entry") return true;
      const inner = fields[field];
      if (inner && walk(bytes.subarray(length.next, at), inner, depth + 1)) return true;
    } else if (wire === 0) {
      const value = varint(bytes, at);
      at = value.next;
      if (kind === "tensor" && field === 14 && value.value !== 0) return true; // data_location = EXTERNAL
    } else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else malformed();
  }
  if (at !== bytes.length) malformed();
  return false;
}

/** A varint (at most 10 bytes); values beyond 2^53 lose low digits, which no length or key can have. */
function varint(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let at = from; at < from + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) return malformed();
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
    scale *= 128;
  }
  return malformed();
}

function malformed(): never {
  fail("MALFORMED", "The bytes are not an ONNX model (protobuf structure is broken)");
}
