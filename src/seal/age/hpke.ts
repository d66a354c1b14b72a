import { createHmac } from "node:crypto";
import { concat, utf8 } from "../../kit/bytes.ts";

/** What HPKE needs to seal one message with ChaCha20-Poly1305. */
export interface HpkeContext {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes; the first and only message uses it unchanged. */
  readonly nonce: Uint8Array;
}

const version = utf8("HPKE-v1");
const nothing = new Uint8Array(0);

/**
 * The key schedule of HPKE (RFC 9180 §5.1) in base mode with HKDF-SHA256 and ChaCha20-Poly1305, from a KEM's shared secret.
 * `kem` is the KEM's registered number.
 */
export function hpkeContext(kem: number, sharedSecret: Uint8Array, info: string): HpkeContext {
  const suite = concat(utf8("HPKE"), Uint8Array.of(kem >>> 8, kem & 255, 0, 1, 0, 3));
  const extract = (salt: Uint8Array, label: string, input: Uint8Array) =>
    hmac(salt, version, suite, utf8(label), input);
  // One HMAC block is enough: nothing longer than 32 bytes is asked for.
  const expand = (secret: Uint8Array, label: string, context: Uint8Array, length: number) =>
    hmac(secret, Uint8Array.of(0, length), version, suite, utf8(label), context, Uint8Array.of(1)).subarray(0, length);

  const context = concat(
    Uint8Array.of(0),
    extract(nothing, "psk_id_hash", nothing),
    extract(nothing, "info_hash", utf8(info)),
  );
  const secret = extract(sharedSecret, "secret", nothing);
  return { key: expand(secret, "key", context, 32), nonce: expand(secret, "base_nonce", context, 12) };
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
