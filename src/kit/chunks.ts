/** One piece of a stream cut to size; `bytes` may be overwritten once the next chunk is asked for. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/**
 * Cuts a stream into chunks of `size` bytes; only the last may be shorter, and it is empty only when the stream is.
 * Holds at most one chunk. Arrays from `source` are not kept beyond the moment the next one is asked for, so a source may reuse
 * its buffer; where a chunk lies inside one of them it is handed on without a copy.
 */
export async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Chunk, void, void> {
  const held = new Uint8Array(size);
  let used = 0;
  for await (const piece of source) {
    let at = 0;
    // A full chunk leaves only when at least one more byte is here: whether it is the last decides how it is sealed.
    while (used + piece.length - at > size) {
      const end = at + size - used;
      if (used === 0) {
        yield { bytes: piece.subarray(at, end), last: false };
      } else {
        held.set(piece.subarray(at, end), used);
        yield { bytes: held, last: false };
      }
      at = end;
      used = 0;
    }
    held.set(at === 0 ? piece : piece.subarray(at), used);
    used += piece.length - at;
  }
  yield { bytes: held.subarray(0, used), last: true };
}

/** The same cut of bytes that are all there. */
export function* chunksOfBytes(bytes: Uint8Array, size: number): Generator<Chunk, void, void> {
  let at = 0;
  for (; bytes.length - at > size; at += size) yield { bytes: bytes.subarray(at, at + size), last: false };
  yield { bytes: bytes.subarray(at), last: true };
}
