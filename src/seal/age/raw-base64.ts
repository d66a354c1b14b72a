/** Standard base64 without padding, the only kind in an age header (C2SP age, conventions). */
export function rawBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return text.replace(/=+$/, "");
}

/**
 * Bytes of canonical unpadded base64, or undefined: padding, foreign characters and stray bits are all refused, because
 * a second spelling of the same header would make files malleable.
 */
export function fromRawBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return rawBase64(bytes) === text ? bytes : undefined;
}
