import { fail } from "../../kit/errors.ts";

/** Text form of an age file: strict PEM (RFC 7468 §3, figure 3) with the label of the age specification. */
const begin = "-----BEGIN AGE ENCRYPTED FILE-----";
const end = "-----END AGE ENCRYPTED FILE-----";

const lineLetters = 64;
const lineBytes = 48;
/** White space tolerated before the first line. */
const maxLeading = 1024;

/** `file` as armored text, ending with a line feed. */
export function armor(file: Uint8Array): string {
  let text = `${begin}\n`;
  for (let at = 0; at < file.length; at += lineBytes) {
    const part = file.subarray(at, at + lineBytes);
    text += `${Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64")}\n`;
  }
  return `${text}${end}\n`;
}

/** Bytes of an armored file. @throws MALFORMED */
export function dearmor(text: string | Uint8Array): Uint8Array {
  const reader = armorReader();
  const parts = [reader.push(typeof text === "string" ? text : latin1(text)), reader.finish()];
  return Buffer.concat(parts);
}

/** Bytes of an armored stream, in constant memory. @throws MALFORMED, at the latest when the text ends */
export async function* dearmorStream(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = armorReader();
  for await (const piece of text) {
    const bytes = reader.push(latin1(piece));
    if (bytes.length > 0) yield bytes;
  }
  const rest = reader.finish();
  if (rest.length > 0) yield rest;
}

/** True when `bytes` can only be meant as an armored file, not as a binary one. */
export function looksArmored(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, maxLeading + begin.length))
    .trimStart()
    .startsWith("-----BEGIN");
}

interface ArmorReader {
  push(text: string): Uint8Array;
  finish(): Uint8Array;
}

/**
 * Reads armor line by line. One file has one spelling, apart from CRLF and white space around it: canonical base64, full lines
 * before the last, no headers, no checksum.
 */
function armorReader(): ArmorReader {
  let state: "before" | "inside" | "after" = "before";
  let unfinished = "";
  let leading = 0;
  let short = false;

  function line(raw: string, letters: string[]): void {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (state === "before") {
      if (text === begin) state = "inside";
      else if (!isBlank(text) || (leading += raw.length + 1) > maxLeading) refuse("does not begin with its BEGIN line");
    } else if (state === "after") {
      if (!isBlank(text)) refuse("is followed by something else");
    } else if (text === end) {
      state = "after";
    } else {
      if (short || text.length === 0 || text.length > lineLetters) refuse("has a line of the wrong length");
      short = text.length < lineLetters || text.endsWith("=");
      letters.push(text);
    }
  }

  return {
    push(text) {
      const lines = (unfinished + text).split("\n");
      unfinished = lines.pop() ?? "";
      const letters: string[] = [];
      for (const text of lines) line(text, letters);
      if (unfinished.length > maxLeading) {
        if (state !== "after" || !isBlank(unfinished)) refuse("has a line that is too long");
        unfinished = "";
      }
      return decode(letters.join(""));
    },
    finish() {
      const letters: string[] = [];
      line(unfinished, letters);
      if (state !== "after") refuse("has no END line");
      return decode(letters.join(""));
    },
  };
}

function decode(letters: string): Uint8Array {
  const bytes = Buffer.from(letters, "base64");
  return bytes.toString("base64") === letters ? bytes : refuse("holds base64 that is not canonical");
}

function isBlank(text: string): boolean {
  return /^[ \t\r]*$/.test(text);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function refuse(how: string): never {
  return fail("MALFORMED", { message: `the age armor ${how}`, where: "age armor" });
}
