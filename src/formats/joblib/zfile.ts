import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Decoder } from "../container/decoder.ts";
import { isZlibHeader, zlibStream } from "../deflate/zlib-stream.ts";

/** What precedes the data of a file that joblib before 0.10 wrote with compression (numpy_pickle_compat.py, `write_zfile`). */
export interface ZfileHeader {
  /** Stated size of the unpacked data. */
  readonly size: number;
  readonly dataOffset: number;
}

const prefix = "ZF";
/** Length of the hexadecimal number, padded with blanks: that of hex(2**64). */
const numberWidth = 19;

/** The header, when `head` begins with one and a zlib stream follows it. */
export function zfileHeader(head: Uint8Array): ZfileHeader | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 24)).toString("latin1");
  if (!text.startsWith(prefix)) return undefined;
  const digits = /^0x([0-9a-f]{1,16})L? *$/i.exec(text.slice(prefix.length, prefix.length + numberWidth))?.[1];
  if (digits === undefined) return undefined;
  // Python 2 wrote one blank more.
  const end = prefix.length + numberWidth;
  const dataOffset = text[end] === " " ? end + 1 : end;
  if (head.length < dataOffset + 2 || !isZlibHeader(head[dataOffset]!, head[dataOffset + 1]!)) return undefined;
  return { size: Number.parseInt(digits, 16), dataOffset };
}

/** The data of such a file. @throws INTEGRITY when they have another size than stated */
export function unpackZfile(source: ByteSource): Decoder {
  const header = zfileHeader(source.read(0, 32));
  if (!header) return fail("MALFORMED", "this is no file of old joblib");
  const inner = zlibStream(source, header.dataOffset);
  let size = 0;
  return {
    get offset() {
      return inner.offset;
    },
    next() {
      const piece = inner.next();
      size += piece?.length ?? 0;
      if (!piece && size !== header.size)
        fail("INTEGRITY", `the data have ${size} bytes and are said to have ${header.size}`);
      return piece;
    },
  };
}
