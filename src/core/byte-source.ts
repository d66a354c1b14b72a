/**
 * Bytes that can be read at any place without holding them all: a file, a range of one, or an array.
 * Parsers take this instead of a path, so that they work on archives' members and need no file system.
 */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `offset`, `length` of them or as many as there are. @throws IO */
  read(offset: number, length: number): Uint8Array;
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(clamp(offset, bytes.length), clamp(offset + length, bytes.length)),
  };
}

/** The part of `source` from `start` to `end` (exclusive), as a source of its own. */
export function sliceSource(source: ByteSource, start: number, end: number): ByteSource {
  const from = clamp(start, source.size);
  const size = clamp(end, source.size) - from;
  return {
    size: Math.max(0, size),
    read: (offset, length) => {
      const at = clamp(offset, size);
      return source.read(from + at, clamp(at + length, size) - at);
    },
  };
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(0, value), Math.max(0, limit));
}
