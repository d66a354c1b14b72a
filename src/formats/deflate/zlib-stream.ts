import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Decoder } from "../container/decoder.ts";
import { adler32 } from "./adler32.ts";
import { inflate } from "./inflate.ts";

/** True when two bytes are the header of a zlib stream without a preset dictionary (RFC 1950 §2.2). */
export function isZlibHeader(first: number, second: number): boolean {
  return (first & 15) === 8 && first >>> 4 <= 7 && ((first << 8) | second) % 31 === 0;
}

/** The zlib stream (RFC 1950) at `start`; its Adler-32 is verified at the end. */
export function zlibStream(source: ByteSource, start = 0): Decoder {
  const head = source.read(start, 2);
  let sum = 1;
  let end: number | undefined;
  let inner: Decoder | undefined;
  return {
    get offset() {
      return end ?? inner?.offset ?? start;
    },
    next() {
      if (end !== undefined) return undefined;
      if (!inner) {
        if (head.length < 2 || !isZlibHeader(head[0]!, head[1]!)) fail("MALFORMED", "this is not a zlib stream");
        if (head[1]! & 0x20) fail("UNSUPPORTED", "the zlib stream needs a dictionary that it does not carry");
        inner = inflate(source, start + 2);
      }
      const piece = inner.next();
      if (piece) {
        sum = adler32(piece, sum);
        return piece;
      }
      const stored = source.read(inner.offset, 4);
      if (stored.length < 4) fail("MALFORMED", "the zlib stream ends before its checksum");
      end = inner.offset + 4;
      if (new DataView(stored.buffer, stored.byteOffset, 4).getUint32(0) !== sum) {
        fail("INTEGRITY", "the zlib stream's checksum does not fit its data");
      }
      return undefined;
    },
  };
}
