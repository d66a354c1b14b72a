import type { ByteSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { lzmaAlone, lzmaAloneHeader } from "./lzma.ts";

/** A .lzma file has no magic number: its header must be one that programs write, and the data behind it must decode. */
export function recogniseLzma(head: Uint8Array, source: ByteSource): "no" | "possible" | "likely" {
  const frame = lzmaAloneHeader(head);
  // The range coder's first byte is zero; few files that are something else have one there.
  if (!frame || head.length < 18 || head[13] !== 0 || frame.dictionary === 0) return "no";
  try {
    return lzmaAlone({ size: source.size, read: (at, length) => source.read(at, Math.min(length, 65536 - at)) }).next()
      ? "likely"
      : "possible";
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    return "no";
  }
}
