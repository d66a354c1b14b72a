import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { Signer } from "../../core/ports.ts";
import { digestOfHex } from "../../kit/digest.ts";
import { sha256Hex } from "../../kit/bytes.ts";

/** A fresh Ed25519 signer for tests, made with node:crypto alone. */
export function freshSigner(): Signer {
  return signerFrom(generateKeyPairSync("ed25519").privateKey);
}

/** The signer for an Ed25519 private key. */
export function signerFrom(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: digestOfHex(sha256Hex(publicKey.export({ type: "spki", format: "der" }))),
    algorithm: "ed25519",
    publicKey,
    sign: async (bytes) => sign(null, bytes, privateKey),
  };
}
