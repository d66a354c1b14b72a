import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from "node:crypto";
import { fromHex } from "../../kit/bytes.ts";

const privateDer = fromHex("302e020100300506032b656e04220420");
const publicDer = fromHex("302a300506032b656e032100");

/** X25519 (RFC 7748 §5); undefined when the result is all zero, which a point of low order forces. */
export function agree(privateKey: KeyObject, publicBytes: Uint8Array): Uint8Array | undefined {
  const publicKey = createPublicKey({ key: Buffer.concat([publicDer, publicBytes]), format: "der", type: "spki" });
  try {
    const secret = diffieHellman({ privateKey, publicKey });
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined;
  }
}

/** A fresh private key. */
export function newPrivate(): KeyObject {
  return importPrivate(randomBytes(32));
}

/** The private key of 32 bytes. */
export function importPrivate(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateDer, bytes]), format: "der", type: "pkcs8" });
}

/** The 32 public bytes of a private key. */
export function rawPublic(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(publicDer.length);
}
