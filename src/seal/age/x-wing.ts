import { createHash, createPrivateKey, createPublicKey, decapsulate, encapsulate, type KeyObject } from "node:crypto";
import { concat, fromHex, utf8 } from "../../kit/bytes.ts";
import { agree, importPrivate, newPrivate, rawPublic } from "./curve25519.ts";

const mlkemPublicBytes = 1184;
const mlkemCipherBytes = 1088;
/** Bytes of a public key: ML-KEM-768 then X25519. */
export const publicBytes = mlkemPublicBytes + 32;
/** Bytes of an encapsulated secret: ML-KEM-768 ciphertext then X25519 share. */
export const encapsulatedBytes = mlkemCipherBytes + 32;

const mlkemSeedDer = fromHex("3054020100300b060960864801650304040204428040");
const mlkemPublicDer = fromHex("308204b2300b0609608648016503040402038204a100");
const label = utf8("\\.//^\\");

export interface XWingPrivateKey {
  readonly mlkem: KeyObject;
  readonly x25519: KeyObject;
  /** 1216 bytes. */
  readonly publicKey: Uint8Array;
}

/** The key pair of a 32-byte seed. The secret is safe as long as either ML-KEM-768 (FIPS 203) or X25519 is. */
export function importSeed(seed: Uint8Array): XWingPrivateKey {
  const expanded = createHash("shake256", { outputLength: 96 }).update(seed).digest();
  const mlkem = createPrivateKey({
    key: Buffer.concat([mlkemSeedDer, expanded.subarray(0, 64)]),
    format: "der",
    type: "pkcs8",
  });
  const x25519 = importPrivate(expanded.subarray(64));
  const mlkemPublic = createPublicKey(mlkem).export({ format: "der", type: "spki" }).subarray(mlkemPublicDer.length);
  return { mlkem, x25519, publicKey: concat(mlkemPublic, rawPublic(x25519)) };
}

/** A fresh shared secret for `publicKey`, and what its owner needs to find it; undefined for a public key that is not one. */
export function xWingEncapsulate(
  publicKey: Uint8Array,
): { readonly sharedSecret: Uint8Array; readonly encapsulated: Uint8Array } | undefined {
  const theirs = publicKey.subarray(mlkemPublicBytes);
  const mlkem = importMlkemPublic(publicKey.subarray(0, mlkemPublicBytes));
  const ephemeral = newPrivate();
  const second = agree(ephemeral, theirs);
  if (!mlkem || !second) return undefined;
  const { sharedKey, ciphertext } = encapsulate(mlkem);
  const share = rawPublic(ephemeral);
  return { sharedSecret: combine(sharedKey, second, share, theirs), encapsulated: concat(ciphertext, share) };
}

/** The shared secret of 1120 `encapsulated` bytes; undefined when the X25519 share is of low order. */
export function xWingDecapsulate(key: XWingPrivateKey, encapsulated: Uint8Array): Uint8Array | undefined {
  const share = encapsulated.subarray(mlkemCipherBytes);
  const second = agree(key.x25519, share);
  if (!second) return undefined;
  const first = decapsulate(key.mlkem, encapsulated.subarray(0, mlkemCipherBytes));
  return combine(first, second, share, key.publicKey.subarray(mlkemPublicBytes));
}

/** SHA3-256 of both secrets and the classical transcript (draft-connolly-cfrg-xwing-kem, "Combiner"). */
function combine(...[first, second, share, publicKey]: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]) {
  return createHash("sha3-256")
    .update(concat(first, second, share, publicKey, label))
    .digest();
}

function importMlkemPublic(bytes: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.concat([mlkemPublicDer, bytes]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
