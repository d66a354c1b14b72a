import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from "node:crypto";
import { concat, fromHex } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { hkdf, open, seal } from "./aead.ts";
import { bech32Decode, bech32Encode } from "./bech32.ts";
import { broken } from "./header.ts";
import { fromRawBase64, rawBase64 } from "./raw-base64.ts";
import type { Stanza } from "./stanza.ts";

const identityPrefix = "AGE-SECRET-KEY-";
const recipientPrefix = "age";
const info = "age-encryption.org/v1/X25519";
const privateDer = fromHex("302e020100300506032b656e04220420");
const publicDer = fromHex("302a300506032b656e032100");
/** The wrap key is fresh for every stanza, so the specification fixes the nonce. */
const zeroNonce = new Uint8Array(12);

export interface X25519Identity {
  readonly type: "X25519";
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly recipient: Uint8Array;
}

/** A new X25519 key pair as age writes it: the secret `AGE-SECRET-KEY-1…` and the public `age1…`. */
export function generateIdentity(): { readonly identity: string; readonly recipient: string } {
  const identity = bech32Encode(identityPrefix, randomBytes(32));
  return { identity, recipient: recipientOf(identity) };
}

/** The public `age1…` of a secret `AGE-SECRET-KEY-1…`. @throws MALFORMED */
export function recipientOf(identity: string): string {
  return bech32Encode(recipientPrefix, parseX25519Identity(identity).recipient);
}

/** @throws MALFORMED, without repeating the secret */
export function parseX25519Identity(text: string): X25519Identity {
  const { prefix, bytes } = bech32Decode(text, "the age identity");
  if (prefix !== identityPrefix || bytes.length !== 32)
    fail("MALFORMED", "the age identity does not begin with AGE-SECRET-KEY-1 or has the wrong length");
  const privateKey = importPrivate(bytes);
  return { type: "X25519", privateKey, recipient: rawPublic(createPublicKey(privateKey)) };
}

/** The 32 public bytes of `age1…`. @throws MALFORMED */
export function parseX25519Recipient(text: string): Uint8Array {
  const { prefix, bytes } = bech32Decode(text, "the age recipient");
  if (prefix !== recipientPrefix || bytes.length !== 32)
    fail("MALFORMED", `"${text.slice(0, 80)}" is not an age1… recipient`);
  return bytes;
}

/** A stanza that only the holder of `recipient`'s identity can open (C2SP age, "X25519 recipient stanza"). */
export function wrapForX25519(fileKey: Uint8Array, recipient: Uint8Array): Stanza {
  const ephemeral = importPrivate(randomBytes(32));
  const share = rawPublic(createPublicKey(ephemeral));
  const secret = agree(ephemeral, recipient) ?? fail("MALFORMED", "the age recipient is a point of low order");
  const wrapKey = hkdf(secret, concat(share, recipient), info);
  return { args: ["X25519", rawBase64(share)], body: seal(wrapKey, zeroNonce, fileKey) };
}

/** The file key when `stanza` is meant for `identity`, else undefined. @throws MALFORMED for a broken X25519 stanza */
export function unwrapWithX25519(stanza: Stanza, identity: X25519Identity): Uint8Array | undefined {
  if (stanza.args[0] !== "X25519") return undefined;
  const share = stanza.args.length === 2 ? fromRawBase64(stanza.args[1]!) : undefined;
  // The length is checked before decryption: a longer body could be made to decrypt under many keys (partitioning oracle).
  if (share?.length !== 32 || stanza.body.length !== 32) return broken("has a broken X25519 stanza");
  const secret = agree(identity.privateKey, share) ?? broken("has an X25519 share of low order");
  return open(hkdf(secret, concat(share, identity.recipient), info), zeroNonce, stanza.body);
}

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

/** The X25519 private key of 32 bytes. */
export function importPrivate(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateDer, bytes]), format: "der", type: "pkcs8" });
}

/** The 32 bytes of an X25519 public key. */
export function rawPublic(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ format: "der", type: "spki" }).subarray(publicDer.length);
}
