import type { ByteSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { isZlibHeader, zlibStream } from "./zlib-stream.ts";

/**
 * Two bytes are little to go by: the data behind a zlib header must decode. Loaders that read as they unpack have run what precedes
 * damage, so damaged data count too, unless they are a text that begins like a zlib stream ("x^2 + 1").
 */
export function recogniseZlib(head: Uint8Array, source: ByteSource): "no" | "likely" | "certain" {
  if (head.length < 8 || !isZlibHeader(head[0]!, head[1]!)) return "no";
  const decoder = zlibStream(source);
  let size = 0;
  try {
    size = decoder.next()?.length ?? 0;
    return decoder.next() === undefined ? "certain" : "likely";
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    if (isCastellanError(error, "INTEGRITY")) return "certain";
    return size === 0 || (size < 4096 && head.subarray(0, 256).every(isTextual)) ? "no" : "likely";
  }
}

function isTextual(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}
