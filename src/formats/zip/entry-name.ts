import { crc32 } from "node:zlib";
import { flag } from "./records.ts";
import type { ZipHeader } from "./records.ts";

// Upper half of code page 437, the encoding of names without the UTF-8 flag (APPNOTE appendix D).
const upper =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A name as Python's zipfile reads it. */
export interface EntryName {
  /** Decoded in full. */
  readonly text: string;
  /** False when the UTF-8 flag is set and the bytes are not UTF-8. */
  readonly valid: boolean;
}

/** Decodes a header's name by its flags. */
export function entryName(raw: Buffer, flags: number): EntryName {
  if (raw.every((byte) => byte < 0x80)) return { text: raw.toString("latin1"), valid: true };
  if (flags & flag.utf8) {
    try {
      return { text: strict.decode(raw), valid: true };
    } catch {
      return { text: raw.toString("latin1"), valid: false };
    }
  }
  return {
    text: Array.from(raw, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : upper[byte - 0x80]!)).join(""),
    valid: true,
  };
}

/** The name that a Unicode path field (§4.6.9) gives in place of the header's, if it has a usable one. */
export function unicodePath(header: ZipHeader): string | undefined {
  const data = header.extras.find(({ id }) => id === 0x7075)?.data;
  if (!data || data.length < 5 || data[0] !== 1) return undefined;
  if (data.readUInt32LE(1) !== crc32(header.rawName)) return undefined;
  try {
    return strict.decode(data.subarray(5));
  } catch {
    return undefined;
  }
}
