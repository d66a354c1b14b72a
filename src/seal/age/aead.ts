import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

const algorithm = "chacha20-poly1305";

/** Bytes the Poly1305 tag adds. */
export const tagLength = 16;

const options = { authTagLength: tagLength } as const;

/** HKDF-SHA-256 (RFC 5869) to 32 bytes. */
export function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, 32));
}

/** ChaCha20-Poly1305 (RFC 8439): ciphertext followed by its tag. `key` 32 bytes, `nonce` 12, never used twice together. */
export function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return Buffer.concat(sealParts(key, nonce, plain));
}

/** {@link seal} without the copy that joins ciphertext and tag; joining costs a tenth of the speed. */
export function sealParts(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const cipher = createCipheriv(algorithm, key, nonce, options);
  const body = cipher.update(plain);
  cipher.final();
  return [body, cipher.getAuthTag()];
}

/** The plaintext of `sealed`, or undefined when the tag does not fit; nothing unauthenticated ever leaves. */
export function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - tagLength;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    plain.fill(0);
    return undefined;
  }
  return plain;
}
