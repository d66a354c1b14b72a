import { fail } from "../../kit/errors.ts";
import type { History } from "../container/history.ts";
import type { LiteralCode } from "./huffman.ts";
import { readLiteralCode, readLiterals } from "./huffman.ts";
import type { SequenceState } from "./sequences.ts";
import { freshSequences, runSequences } from "./sequences.ts";

/** What blocks of one frame share. */
export interface FrameState {
  literalCode: LiteralCode | undefined;
  readonly sequences: SequenceState;
}

/** The state at the start of a frame. */
export function freshFrame(): FrameState {
  return { literalCode: undefined, sequences: freshSequences() };
}

/** Decodes one compressed block (RFC 8878 §3.1.1.3) into the history, which has room for `most` bytes. @throws MALFORMED */
export function zstdBlock(bytes: Uint8Array, history: History, most: number, state: FrameState): void {
  const { literals, at } = literalsSection(bytes, most, state);
  runSequences(bytes, at, bytes.length, literals, history, most, state.sequences);
}

function literalsSection(bytes: Uint8Array, most: number, state: FrameState): { literals: Uint8Array; at: number } {
  const end = bytes.length;
  const type = bytes[0]! & 3;
  const format = (bytes[0]! >>> 2) & 3;
  const word =
    bytes[0]! +
    (bytes[1] ?? 0) * 2 ** 8 +
    (bytes[2] ?? 0) * 2 ** 16 +
    (bytes[3] ?? 0) * 2 ** 24 +
    (bytes[4] ?? 0) * 2 ** 32;
  if (type < 2) {
    const head = format === 1 ? 2 : format === 3 ? 3 : 1;
    const size = head === 1 ? bytes[0]! >>> 3 : Math.floor(word / 16) % 2 ** (head === 2 ? 12 : 20);
    const stored = type === 0 ? size : 1;
    if (size > most || head + stored > end) fail("MALFORMED", "Zstandard literals are longer than their block");
    const literals = type === 0 ? bytes.subarray(head, head + size) : new Uint8Array(size).fill(bytes[head]!);
    return { literals, at: head + stored };
  }
  const width = [10, 10, 14, 18][format]!;
  const head = [3, 3, 4, 5][format]!;
  const size = Math.floor(word / 16) % 2 ** width;
  const packed = Math.floor(word / 2 ** (4 + width)) % 2 ** width;
  const stop = head + packed;
  if (size > most || stop > end) fail("MALFORMED", "Zstandard literals are longer than their block");
  let at = head;
  if (type === 2) ({ code: state.literalCode, at } = readLiteralCode(bytes, at, stop));
  const code = state.literalCode ?? fail("MALFORMED", "a Zstandard block repeats a literal code that does not exist");
  const literals = new Uint8Array(size);
  if (format === 0) readLiterals(code, bytes, at, stop, literals, 0, size);
  else fourStreams(code, bytes, at, stop, literals);
  return { literals, at: stop };
}

function fourStreams(code: LiteralCode, bytes: Uint8Array, at: number, stop: number, literals: Uint8Array): void {
  if (at + 6 > stop) fail("MALFORMED", "Zstandard literals are cut off");
  const part = (literals.length + 3) >>> 2;
  let from = at + 6;
  for (let n = 0; n < 4; n++) {
    const to = n === 3 ? stop : from + bytes[at + 2 * n]! + (bytes[at + 2 * n + 1]! << 8);
    const first = n * part;
    const last = n === 3 ? literals.length : first + part;
    if (to > stop || last < first || last > literals.length)
      fail("MALFORMED", "Zstandard literals are divided wrongly");
    readLiterals(code, bytes, from, to, literals, first, last);
    from = to;
  }
}
