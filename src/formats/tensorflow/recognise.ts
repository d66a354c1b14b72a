import type { ByteSource } from "../../core/byte-source.ts";
import { probeMessage } from "../protobuf/probe.ts";
import type { WireField } from "../protobuf/wire.ts";

/** What a protobuf file of TensorFlow is. */
export type TensorflowKind = "saved-model" | "meta-graph" | "graph" | "keras-metadata" | "fingerprint";

type Form = { readonly [field: number]: number };

const savedModel: Form = { 1: 0, 2: 2 };
const metaGraph: Form = { 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2 };
const metaInfo: Form = { 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 0, 8: 2 };
const graph: Form = { 1: 2, 2: 2, 3: 0, 4: 2, 5: 2 };
const node: Form = { 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2 };
const kerasObject: Form = { 1: 2, 2: 0, 3: 2, 4: 2, 5: 2 };
const fingerprint: Form = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 2, 7: 2 };

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Which file of TensorFlow the bytes are, by the form of the messages at their beginning; undefined for none. Fields that
 * TensorFlow does not know, and would skip, do not hide a file in which a graph is found.
 */
export function tensorflowKind(source: ByteSource): TensorflowKind | undefined {
  const { fields, complete } = probeMessage(source, 10_000);
  const whole = { start: 0, end: source.size };
  const messages = (number: number): readonly WireField[] =>
    fields.filter((field) => field.number === number && field.wire === 2);
  if (fields.length === 0) return undefined;
  const exact = (form: Form): boolean => fields.every(({ number, wire }) => form[number] === wire);

  if (messages(2).some((field) => holdsGraph(source, field))) return "saved-model";
  if (holdsGraph(source, whole)) return "meta-graph";
  if (isGraph(source, whole)) return "graph";
  if (exact(savedModel) && fields[0]?.wire === 0 && messages(2).some((field) => isMetaGraph(source, field)))
    return "saved-model";
  if (messages(1).some((field) => isKerasObject(source, field))) return "keras-metadata";
  if (
    complete &&
    exact(fingerprint) &&
    fields.length > 2 &&
    fields[0]?.wire === 0 &&
    fields.some(({ number }) => number >= 5)
  ) {
    return "fingerprint";
  }
  return undefined;
}

/** A MetaGraphDef with a graph inside. */
function holdsGraph(source: ByteSource, { start, end }: Range): boolean {
  const { fields } = probeMessage(source, 200, start, end);
  return (
    !contradicts(fields, metaGraph) &&
    fields.some((field) => field.number === 2 && field.wire === 2 && isGraph(source, field))
  );
}

/** A GraphDef with a node or a function. */
function isGraph(source: ByteSource, { start, end }: Range): boolean {
  const { fields } = probeMessage(source, 200, start, end);
  if (contradicts(fields, graph)) return false;
  return fields.some(
    (field) => (field.number === 1 && isNode(source, field)) || (field.number === 2 && isLibrary(source, field)),
  );
}

/** A MetaGraphDef whose graph is empty. */
function isMetaGraph(source: ByteSource, { start, end }: Range): boolean {
  const { fields } = probeMessage(source, 8, start, end);
  if (fields.length === 0 || contradicts(fields, metaGraph)) return false;
  return fields.some(
    (field) => field.number === 1 && !contradicts(probeMessage(source, 6, field.start, field.end).fields, metaInfo),
  );
}

function isNode(source: ByteSource, { start, end }: Range): boolean {
  const { fields } = probeMessage(source, 200, start, end);
  if (contradicts(fields, node)) return false;
  const names = fields.filter(({ number }) => number === 1 || number === 2);
  if (!names.some(({ number }) => number === 2) || !names.every((field) => isName(source, field))) return false;
  // An operator's name is a word in capitals; that tells nodes from other pairs of texts.
  const op = names.find(({ number }) => number === 2);
  return op !== undefined && /^[A-Z_][A-Za-z0-9_>.]*$/.test(textOf(source, op));
}

function isLibrary(source: ByteSource, { start, end }: Range): boolean {
  const first = probeMessage(source, 4, start, end).fields.find(({ number }) => number === 1);
  if (first?.wire !== 2) return false;
  const signature = probeMessage(source, 4, first.start, first.end).fields.find(({ number }) => number === 1);
  if (signature?.wire !== 2) return false;
  const name = probeMessage(source, 4, signature.start, signature.end).fields.find(({ number }) => number === 1);
  return name?.wire === 2 && isName(source, name);
}

function isKerasObject(source: ByteSource, { start, end }: Range): boolean {
  const { fields } = probeMessage(source, 8, start, end);
  if (contradicts(fields, kerasObject)) return false;
  const path = fields.find(({ number }) => number === 3);
  return path !== undefined && textOf(source, path).startsWith("root");
}

/** True when a field has a number of the form's but is stored in another way. */
function contradicts(fields: readonly WireField[], form: Form): boolean {
  return fields.some(({ number, wire }) => form[number] !== undefined && form[number] !== wire);
}

function isName(source: ByteSource, field: Range): boolean {
  const text = textOf(source, field);
  return text !== "" && !/[^\x21-\x7e]/.test(text);
}

function textOf(source: ByteSource, { start, end }: Range): string {
  return Buffer.from(source.read(start, Math.min(200, end - start))).toString("latin1");
}
