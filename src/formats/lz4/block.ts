import { fail } from "../../kit/errors.ts";
import type { History } from "../container/history.ts";

/**
 * Decodes one LZ4 block (lz4_Block_format.md) into the history, which has room for `most` bytes.
 * @throws MALFORMED
 */
export function lz4Block(packed: Uint8Array, history: History, most: number): void {
  const end = packed.length;
  const limit = history.at + most;
  let at = 0;
  while (at < end) {
    const token = packed[at++]!;
    let length = token >>> 4;
    if (length === 15) {
      for (let byte = 255; byte === 255; length += byte) byte = packed[at++] ?? cut();
    }
    if (at + length > end) cut();
    if (history.at + length > limit) tooLong();
    history.put(packed.subarray(at, at + length));
    at += length;
    // The last sequence ends with its literals.
    if (at === end) return;
    if (at + 2 > end) cut();
    const distance = packed[at]! | (packed[at + 1]! << 8);
    at += 2;
    length = (token & 15) + 4;
    if (length === 19) {
      for (let byte = 255; byte === 255; length += byte) byte = packed[at++] ?? cut();
    }
    if (distance === 0 || distance > history.available)
      fail("MALFORMED", "an LZ4 match refers to bytes before the start of the data");
    if (history.at + length > limit) tooLong();
    history.copy(distance, length);
  }
  cut();
}

function cut(): never {
  return fail("MALFORMED", "an LZ4 block ends in the middle");
}

function tooLong(): never {
  return fail("MALFORMED", "an LZ4 block is longer than its frame allows");
}
