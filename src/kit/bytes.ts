import { createHash, hash, timingSafeEqual } from "node:crypto";
import { fail } from "./errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** UTF-8 bytes of `text`. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of strict UTF-8 `bytes` (a leading BOM is dropped). @throws MALFORMED when they are not UTF-8. */
export function textOf(bytes: Uint8Array, what = "text"): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    return fail("MALFORMED", { message: `${what} is not valid UTF-8`, cause });
  }
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

/** Bytes of an even-length hexadecimal string. @throws MALFORMED for anything else. */
export function fromHex(text: string, what = "value"): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) fail("MALFORMED", `${what} is not hexadecimal`);
  return Buffer.from(text, "hex");
}

/** Standard padded base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString("base64");
}

/**
 * Bytes of canonical padded base64 (RFC 4648 §4): no white space, no missing padding, no stray bits.
 * @throws MALFORMED
 */
export function fromBase64(text: string, what = "value"): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) fail("MALFORMED", `${what} is not canonical base64`);
  return bytes;
}

/** Bytes of standard or URL-safe base64 (RFC 4648 §4, §5), with or without padding. @throws MALFORMED */
export function fromAnyBase64(text: string, what = "value"): Uint8Array {
  const plain = text
    .replaceAll("-", "+")
    .replaceAll("_", "/")
    .replace(/={1,2}$/, "");
  const bytes = Buffer.from(plain, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== plain) fail("MALFORMED", `${what} is not base64`);
  return bytes;
}

/** One array holding all `parts` in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** Equality in time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** SHA-256 (FIPS 180-4) of the concatenated `parts`, 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const only = parts[0];
  if (parts.length === 1 && only) return hash("sha256", only, "buffer");
  const state = createHash("sha256");
  for (const part of parts) state.update(part);
  return state.digest();
}

/** SHA-256 of `bytes` as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

/** A Buffer over the same memory. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
