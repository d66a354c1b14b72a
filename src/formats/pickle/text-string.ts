import type { Parsed } from "./text-number.ts";

/**
 * The bytes of a STRING line without its newline (as latin-1 text): quoted, with Python's byte escapes.
 * Source: `load_string`, `PyBytes_DecodeEscape`.
 */
export function parseQuoted(line: string): Parsed<string> {
  const quote = line[0];
  if (line.length < 2 || quote !== line.at(-1) || (quote !== "'" && quote !== '"')) {
    return { ok: false, error: "the STRING opcode argument must be quoted" };
  }
  const text = line.slice(1, -1);
  if (!text.includes("\\")) return { ok: true, value: text };
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter !== "\\") {
      out += letter;
      continue;
    }
    const escape = text[++i];
    if (escape === undefined) return { ok: false, error: "Trailing \\ in string" };
    const octal = /^[0-7]{1,3}/.exec(text.slice(i, i + 3));
    if (octal) {
      out += String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff);
      i += octal[0].length - 1;
    } else if (escape === "x") {
      const hex = /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3));
      if (hex === null) return { ok: false, error: "invalid \\x escape" };
      out += String.fromCharCode(Number.parseInt(hex[0], 16));
      i += 2;
    } else out += simple[escape] ?? `\\${escape}`;
  }
  return { ok: true, value: out };
}

const simple: { readonly [letter: string]: string } = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  b: "\b",
  f: "\f",
  t: "\t",
  n: "\n",
  r: "\r",
  v: "\v",
  a: "\x07",
};

/**
 * The text of a UNICODE line without its newline (given as latin-1): raw-unicode-escape, in which only `\u` and `\U`
 * after an odd run of backslashes mean something. Source: `PyUnicode_DecodeRawUnicodeEscape`.
 */
export function parseRawUnicode(line: string): Parsed<string> {
  if (!line.includes("\\")) return { ok: true, value: line };
  let out = "";
  for (let i = 0; i < line.length; ) {
    if (line[i] !== "\\" || i + 1 >= line.length) {
      out += line[i++];
      continue;
    }
    const kind = line[i + 1];
    if (kind !== "u" && kind !== "U") {
      // A backslash before anything else stands for itself, and so does a second backslash.
      out += `\\${kind}`;
      i += 2;
      continue;
    }
    const width = kind === "u" ? 4 : 8;
    const hex = line.slice(i + 2, i + 2 + width);
    if (hex.length < width || !/^[0-9a-fA-F]+$/.test(hex)) {
      return { ok: false, error: `truncated \\${kind}${"X".repeat(width)} escape` };
    }
    const point = Number.parseInt(hex, 16);
    if (point > 0x10ffff) return { ok: false, error: "\\Uxxxxxxxx out of range" };
    out += point > 0xffff ? String.fromCodePoint(point) : String.fromCharCode(point);
    i += 2 + width;
  }
  return { ok: true, value: out };
}

/** True for UTF-8 in which surrogates may be encoded too ("surrogatepass"), which is what BINUNICODE holds. */
export function isWideUtf8(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!;
    if (first < 0x80) {
      i++;
      continue;
    }
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || i + length > bytes.length) return false;
    const second = bytes[i + 1]!;
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let k = 2; k < length; k++) if ((bytes[i + k]! & 0xc0) !== 0x80) return false;
    i += length;
  }
  return true;
}

/** Text of such bytes; encoded surrogates become lone surrogates. */
export function wideUtf8(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  if (!text.includes("\ufffd")) return text;
  let out = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i]!;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    let point = first < 0x80 ? first : first & (0xff >> (length + 1));
    for (let k = 1; k < length; k++) point = (point << 6) | (bytes[i + k]! & 0x3f);
    out += point > 0xffff ? String.fromCodePoint(point) : String.fromCharCode(point);
    i += length;
  }
  return out;
}
