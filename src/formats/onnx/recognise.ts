import type { ByteSource } from "../../core/byte-source.ts";
import { probeMessage } from "../protobuf/probe.ts";
import { bitsOf, stringType } from "./tensor-types.ts";

/** Wire types of ModelProto's fields by number. */
const model: { readonly [number: number]: number } = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};
/** GraphProto's fields, all of them length-delimited. */
const graph = new Set([1, 2, 5, 10, 11, 12, 13, 14, 15, 16]);
/** NodeProto's fields. */
const node = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

/**
 * How much bytes look like an ONNX model: 2 when a graph with its parts is there, 1 when the beginning fits and the rest is damaged
 * or carries unknown fields, 0 otherwise.
 */
export function looksLikeOnnx(source: ByteSource): 0 | 1 | 2 {
  const { fields, broken } = probeMessage(source, 10_000);
  const known = fields.filter(({ number, wire }) => model[number] === wire);
  const graphs = known.filter(({ number }) => number === 7);
  if (graphs.length === 0) {
    // Cut short before the graph ends: the version, a producer or operator sets, then something that goes too far.
    const version = fields[0]?.number === 1 && fields[0].wire === 0 && fields[0].value > 0 && fields[0].value < 100;
    return broken &&
      version &&
      known.length === fields.length &&
      known.some(({ number }) => number === 2 || number === 8)
      ? 1
      : 0;
  }
  const plausible = graphs.some(({ start, end }) => {
    const inner = probeMessage(source, 8, start, end).fields;
    if (inner.length === 0) return end === start && known.some(({ number }) => number === 8);
    if (!inner.every(({ number, wire }) => graph.has(number) && wire === 2)) return false;
    const first = inner.find(({ number }) => number === 1);
    return (
      !first ||
      probeMessage(source, 8, first.start, first.end).fields.every(({ number, wire }) => node.has(number) && wire === 2)
    );
  });
  if (!plausible) return 0;
  const surroundings = known.some(({ number }) => number === 1) || known.some(({ number }) => number === 8);
  return surroundings && known.length === fields.length && !broken ? 2 : 1;
}

/** TensorProto's fields; dimensions may be packed. */
const tensor: { readonly [number: number]: readonly number[] } = {
  1: [0, 2],
  2: [0],
  4: [2],
  5: [2],
  6: [2],
  7: [2],
  8: [2],
  9: [2],
  10: [2],
  11: [2],
  12: [2],
};

/** True for a tensor in a file of its own, as beside the models of ONNX's test suites: its bytes must fit its shape. */
export function looksLikeTensor(source: ByteSource): boolean {
  const { fields, complete } = probeMessage(source, 100);
  if (!complete || !fields.every(({ number, wire }) => tensor[number]?.includes(wire))) return false;
  const type = Number(fields.find(({ number }) => number === 2)?.value ?? 0);
  const bits = bitsOf(type);
  const raw = fields.filter(({ number }) => number === 9);
  const texts = fields.filter(({ number }) => number === 6).length;
  const numbers = fields.some(({ number }) => [4, 5, 7, 10, 11].includes(number));
  const dimensions = fields.filter(({ number, wire }) => number === 1 && wire === 0);
  const elements = dimensions.reduce((product, { value }) => product * BigInt(value), 1n);
  if (type === stringType) return texts > 0 && raw.length === 0 && !numbers && BigInt(texts) === elements;
  if (bits === undefined || raw.length > 1 || (raw.length === 0) !== numbers) return false;
  if (!raw[0] || dimensions.length !== fields.filter(({ number }) => number === 1).length) return true;
  return (elements * BigInt(bits) + 7n) / 8n === BigInt(raw[0].end - raw[0].start);
}
