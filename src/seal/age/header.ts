import { createHmac } from "node:crypto";
import { equalBytes, utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { hkdf } from "./aead.ts";
import { fromRawBase64, rawBase64 } from "./raw-base64.ts";
import { bodyLineBytes, type Stanza, writeStanza } from "./stanza.ts";

/** First line of every age v1 file, with its line feed. */
export const versionLine = "age-encryption.org/v1\n";

/** Largest header we read: room for some five hundred post-quantum recipients. */
export const maxHeaderBytes = 1024 * 1024;

export interface Header {
  readonly stanzas: readonly Stanza[];
  /** What the MAC covers: everything up to and including `---`. */
  readonly covered: Uint8Array;
  readonly mac: Uint8Array;
}

/** The complete header, from the version line to the MAC line, authenticated with `fileKey`. */
export function writeHeader(stanzas: readonly Stanza[], fileKey: Uint8Array): Uint8Array {
  const covered = `${versionLine}${stanzas.map(writeStanza).join("")}---`;
  return utf8(`${covered} ${rawBase64(headerMac(utf8(covered), fileKey))}\n`);
}

/**
 * Reads exactly one header by the grammar of the specification (C2SP age, "ABNF definition of file header").
 * @throws MALFORMED for anything the grammar does not allow, including bytes after the MAC line
 */
export function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length > maxHeaderBytes) broken(`is larger than ${maxHeaderBytes} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (!text.startsWith(versionLine)) notAge(text);
  const lines = text.slice(versionLine.length).split("\n");
  if (lines.pop() !== "") broken("does not end with a line feed");
  const macLine = lines.pop() ?? broken("ends after its version line");
  const stanzas = parseStanzas(lines);
  const mac = macLine.startsWith("--- ") ? fromRawBase64(macLine.slice(4)) : undefined;
  if (mac?.length !== 32) return broken("does not end with a MAC line");
  if (stanzas.length > 1 && stanzas.some(({ args }) => args[0] === "scrypt"))
    broken("mixes a pass phrase with other recipients");
  return { stanzas, covered: bytes.subarray(0, bytes.length - macLine.length - 1 + 3), mac };
}

/** Checks the header's MAC. @throws INTEGRITY when the header was changed after it was written */
export function verifyHeaderMac(header: Header, fileKey: Uint8Array): void {
  if (!equalBytes(headerMac(header.covered, fileKey), header.mac))
    fail("INTEGRITY", { message: "the age header was changed: its MAC does not match", where: "age header MAC" });
}

function parseStanzas(lines: readonly string[]): readonly Stanza[] {
  const stanzas: Stanza[] = [];
  let next = 0;
  while (next < lines.length) {
    const args = lines[next++]!.split(" ");
    if (args.shift() !== "->" || args.length === 0 || !args.every((arg) => /^[\x21-\x7e]+$/.test(arg)))
      broken("has a recipient line that is not one");
    const parts: Uint8Array[] = [];
    let part: Uint8Array;
    do {
      const line = lines[next++] ?? broken("ends inside a recipient stanza");
      part = fromRawBase64(line) ?? broken("has a stanza body that is not canonical base64");
      if (part.length > bodyLineBytes) broken("has a stanza body line longer than 64 characters");
      parts.push(part);
    } while (part.length === bodyLineBytes);
    stanzas.push({ args, body: Buffer.concat(parts) });
  }
  return stanzas.length > 0 ? stanzas : broken("names no recipient");
}

function headerMac(covered: Uint8Array, fileKey: Uint8Array): Uint8Array {
  return createHmac("sha256", hkdf(fileKey, new Uint8Array(0), "header"))
    .update(covered)
    .digest();
}

/** Refuses something that does not begin like an age v1 file. @throws MALFORMED */
function notAge(text: string): never {
  const other = /^age-encryption\.org\/([\x21-\x7e]{1,20})\n/.exec(text);
  return fail("MALFORMED", {
    message: other ? `this is age format ${other[1]}, we read v1` : "this is not an age file",
    where: "age header",
  });
}

/** @throws MALFORMED */
export function broken(how: string): never {
  return fail("MALFORMED", { message: `the age header ${how}`, where: "age header" });
}
