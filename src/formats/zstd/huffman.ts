import { fail } from "../../kit/errors.ts";
import { BackwardBits } from "./backward-bits.ts";
import { readFseTable } from "./fse.ts";

/** Huffman code of literals: index = the next `bits` bits, value = symbol << 4 | length. */
export interface LiteralCode {
  readonly bits: number;
  readonly table: Uint16Array;
}

const mostBits = 11;

/** Reads a tree's description (RFC 8878 §4.2.1). Returns it with the place behind it. @throws MALFORMED */
export function readLiteralCode(bytes: Uint8Array, at: number, end: number): { code: LiteralCode; at: number } {
  const head = bytes[at++];
  if (head === undefined || at > end) fail("MALFORMED", "a Zstandard literal code is missing");
  const weights: number[] = [];
  if (head >= 128) {
    const count = head - 127;
    for (let n = 0; n < count; n++) {
      const pair = bytes[at + (n >>> 1)];
      if (pair === undefined || at + (n >>> 1) >= end) fail("MALFORMED", "a Zstandard literal code is cut off");
      weights.push(n & 1 ? pair & 15 : pair >>> 4);
    }
    at += (count + 1) >>> 1;
  } else {
    if (at + head > end) fail("MALFORMED", "a Zstandard literal code is cut off");
    readWeights(bytes, at, at + head, weights);
    at += head;
  }
  return { code: literalCode(weights), at };
}

/** Weights come from two states that take turns until the bits are used up. */
function readWeights(bytes: Uint8Array, from: number, end: number, weights: number[]): void {
  const { table, at } = readFseTable(bytes, from, end, 6, 255);
  const bits = new BackwardBits(bytes, at, end);
  let own = bits.read(table.log);
  let other = bits.read(table.log);
  while (weights.length < 255) {
    weights.push(table.symbols[own]!);
    own = table.bases[own]! + bits.read(table.widths[own]!);
    if (bits.left < 0) {
      weights.push(table.symbols[other]!);
      return;
    }
    [own, other] = [other, own];
  }
  fail("MALFORMED", "a Zstandard literal code has too many weights");
}

function literalCode(weights: number[]): LiteralCode {
  let sum = 0;
  for (const weight of weights) {
    if (weight > mostBits) fail("MALFORMED", "a Zstandard literal code has a weight out of range");
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0 || weights.length > 255) fail("MALFORMED", "a Zstandard literal code has no symbols");
  const bits = 32 - Math.clz32(sum);
  // The last weight is what completes the code.
  const left = (1 << bits) - sum;
  if (bits > mostBits || (left & (left - 1)) !== 0) fail("MALFORMED", "a Zstandard literal code is incomplete");
  weights.push(32 - Math.clz32(left));
  const table = new Uint16Array(1 << bits);
  let place = 0;
  for (let weight = 1; weight <= bits; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      const next = place + (1 << (weight - 1));
      table.fill((symbol << 4) | (bits + 1 - weight), place, next);
      place = next;
    }
  }
  return { bits, table };
}

/** Decodes out[from, to) from the stream in bytes[start, end), which must be used up exactly. @throws MALFORMED */
export function readLiterals(
  { bits, table }: LiteralCode,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  from: number,
  to: number,
): void {
  const stream = new BackwardBits(bytes, start, end);
  for (let at = from; at < to; at++) {
    const entry = table[stream.peek(bits)]!;
    out[at] = entry >>> 4;
    stream.left -= entry & 15;
    if (stream.left < 0) fail("MALFORMED", "Zstandard literals end in the middle");
  }
  if (stream.left !== 0) fail("MALFORMED", "Zstandard literals do not end where they should");
}
