import { concat } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";

/**
 * A decompressor that is asked for its output piece by piece, so that whoever asks decides how much there may be. It holds no more
 * than its window, whatever the input says.
 */
export interface Decoder {
  /**
   * The next piece, at most 1 MiB, overwritten by the next call; empty when much input was read without output (so that the caller
   * can look at the clock); undefined at the end. Output that precedes damage is handed out before the error is thrown.
   * @throws MALFORMED damaged data; INTEGRITY a checksum or stated size does not fit; UNSUPPORTED; LIMIT
   */
  next(): Uint8Array | undefined;
  /** Place in the input behind what was decoded; exact once `next` gave undefined. */
  readonly offset: number;
}

/** Largest piece a decoder hands out. */
export const pieceLimit = 1024 * 1024;
/** Input read without output after which a decoder returns an empty piece. */
export const quietInput = 1024 * 1024;
/** Largest window a decoder keeps; streams that need more are refused with LIMIT. */
export const windowLimit = 128 * 1024 * 1024;

/** The decoder's output as pieces that may be kept. @throws as the decoder does */
export function* piecesOf(decoder: Decoder): Generator<Uint8Array, void, void> {
  for (let piece = decoder.next(); piece; piece = decoder.next()) yield piece.slice();
}

/** The whole output, for streams that must be small. @throws LIMIT beyond `most` bytes, and as the decoder does */
export function decodeAll(decoder: Decoder, most: number, what: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (const piece of piecesOf(decoder)) {
    size += piece.length;
    if (size > most) fail("LIMIT", `${what} unpacks to more than ${most} bytes`);
    pieces.push(piece);
  }
  return concat(...pieces);
}
