import type { ByteSource } from "../../core/byte-source.ts";
import type { Leftover } from "./anomaly.ts";

/** Bytes of a leftover that are looked at before it counts as "unread". */
export const searchLimit = 512 * 1024 * 1024;
const pieceSize = 256 * 1024;

/** A range of bytes, `end` exclusive. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** The ranges of [0, size) that none of `extents` covers, in order. */
export function uncovered(extents: readonly Extent[], size: number): Extent[] {
  const gaps: Extent[] = [];
  let at = 0;
  for (const { start, end } of [...extents].sort((a, b) => a.start - b.start)) {
    if (start > at) gaps.push({ start: at, end: Math.min(start, size) });
    at = Math.max(at, end);
    if (at >= size) break;
  }
  if (at < size) gaps.push({ start: at, end: size });
  return gaps.filter(({ start, end }) => end > start);
}

/**
 * What is in the bytes from `start` to `end`: undefined when there are none; for data behind zero bytes the leftover begins at the
 * first byte that is not zero.
 */
export function leftoverAt(source: ByteSource, start: number, end: number, place: string): Leftover | undefined {
  if (end <= start) return undefined;
  const first = firstNonZero(source, start, end);
  if (first === undefined) {
    const content = end - start > searchLimit ? "unread" : "zeros";
    return { offset: start, length: end - start, content, place };
  }
  return { offset: first, length: end - first, content: "data", place };
}

/** The first byte in the range that is not zero, within the first {@link searchLimit} bytes of it. */
export function firstNonZero(source: ByteSource, start: number, end: number): number | undefined {
  const stop = Math.min(end, start + searchLimit);
  for (let at = start; at < stop; at += pieceSize) {
    const bytes = source.read(at, Math.min(pieceSize, stop - at));
    if (bytes.length === 0) return undefined;
    const place = indexOfNonZero(bytes);
    if (place >= 0) return at + place;
  }
  return undefined;
}

const zeros = Buffer.alloc(pieceSize);

function indexOfNonZero(bytes: Uint8Array): number {
  if (zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0) return -1;
  return bytes.findIndex((byte) => byte !== 0);
}

/** Places of `pattern` (at most 16 bytes) in the range, in order, reading at most {@link searchLimit} bytes. */
export function* placesOf(
  source: ByteSource,
  pattern: Buffer,
  start: number,
  end: number,
): Generator<number, void, void> {
  const stop = Math.min(end, start + searchLimit);
  for (let at = start; at < stop; at += pieceSize) {
    const length = Math.min(pieceSize + pattern.length - 1, end - at);
    const bytes = source.read(at, length);
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let place = view.indexOf(pattern); place >= 0 && place < pieceSize; place = view.indexOf(pattern, place + 1)) {
      yield at + place;
    }
    if (bytes.length < length) return;
  }
}
