import { fail } from "../../kit/errors.ts";

/**
 * A decoding table for a canonical Huffman code (RFC 1951 §3.2.2): index = the next `bits` bits as they come (first bit lowest),
 * value = symbol << 4 | length; 0 where no code fits.
 */
export interface HuffmanTable {
  readonly table: Uint16Array;
  readonly bits: number;
}

/**
 * Builds the table for `lengths[from..to)`. As in zlib, an over-subscribed code is refused, and an incomplete one unless it is a
 * single code of one bit or empty.
 * @throws MALFORMED
 */
export function huffmanTable(lengths: Uint8Array, from: number, to: number, what: string): HuffmanTable {
  const count = new Uint16Array(16);
  for (let n = from; n < to; n++) count[lengths[n]!]!++;
  count[0] = 0;
  let bits = 15;
  while (bits > 1 && count[bits] === 0) bits--;
  let left = 1;
  let used = 0;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - count[length]!;
    used += count[length]!;
    if (left < 0) fail("MALFORMED", `the ${what} code has too many codes`);
  }
  if (left > 0 && !(used === 0 || (used === 1 && count[1] === 1))) fail("MALFORMED", `the ${what} code is incomplete`);

  const next = new Uint16Array(16);
  for (let length = 1, code = 0; length <= 15; length++) {
    code = (code + count[length - 1]!) << 1;
    next[length] = code;
  }
  const table = new Uint16Array(1 << bits);
  for (let n = from; n < to; n++) {
    const length = lengths[n]!;
    if (length === 0) continue;
    const code = next[length]!;
    next[length] = code + 1;
    const entry = ((n - from) << 4) | length;
    const step = 1 << length;
    for (let at = reversed(code, length); at < table.length; at += step) table[at] = entry;
  }
  return { table, bits };
}

function reversed(code: number, length: number): number {
  let out = 0;
  for (let n = 0; n < length; n++) out |= ((code >>> n) & 1) << (length - 1 - n);
  return out;
}
