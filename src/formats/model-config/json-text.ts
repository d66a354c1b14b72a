import type { ByteSource } from "../../core/byte-source.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";

/** Bytes of JSON in another encoding than UTF-8 that are converted in memory, at most. */
const mostConverted = 16 * 1024 * 1024;

/**
 * The text as UTF-8, decided as Python's `json.loads` decides for bytes: byte order marks first, then where zero bytes stand in the
 * first four. `start` is where the text begins; `encoding` is not "utf-8" when offsets no longer are those of the file.
 * @throws LIMIT for other encodings over 16 MiB
 */
export function asUtf8(source: ByteSource): { source: ByteSource; start: number; encoding: string } {
  const [a = 1, b = 1, c = 1, d = 1] = source.read(0, 4);
  if (a === 0xef && b === 0xbb && c === 0xbf) return { source, start: 3, encoding: "utf-8" };
  const mark32 = (a === 0 && b === 0 && c === 0xfe && d === 0xff) || (a === 0xff && b === 0xfe && c === 0 && d === 0);
  const mark16 = (a === 0xfe && b === 0xff) || (a === 0xff && b === 0xfe);
  let width = 1;
  let little = false;
  if (mark32) [width, little] = [4, a === 0xff];
  else if (mark16) [width, little] = [2, a === 0xff];
  else if (source.size >= 4 && a === 0) [width, little] = [b === 0 ? 4 : 2, false];
  else if (source.size >= 4 && b === 0) [width, little] = [c === 0 && d === 0 ? 4 : 2, true];
  else if (source.size === 2 && (a === 0 || b === 0)) [width, little] = [2, b === 0];
  if (width === 1) return { source, start: 0, encoding: "utf-8" };
  if (source.size > mostConverted) {
    fail("LIMIT", `JSON in an encoding other than UTF-8 is read up to ${mostConverted} bytes; this has ${source.size}`);
  }
  const text = wideText(source.read(0, source.size), width as 2 | 4, little);
  return {
    source: bytesSource(utf8(text.startsWith("\ufeff") ? text.slice(1) : text)),
    start: 0,
    encoding: `utf-${8 * width}${little ? "le" : "be"}`,
  };
}

function wideText(bytes: Uint8Array, width: 2 | 4, little: boolean): string {
  if (bytes.length % width !== 0) fail("MALFORMED", "The text ends in the middle of a character");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += width) {
    const code = width === 2 ? view.getUint16(at, little) : view.getUint32(at, little);
    if (code > 0x10ffff)
      fail("MALFORMED", { message: "The text holds a number that is no character", where: `byte ${at}` });
    parts.push(width === 2 ? String.fromCharCode(code) : String.fromCodePoint(code));
  }
  return parts.join("");
}
