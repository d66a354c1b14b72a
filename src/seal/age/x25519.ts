import type { KeyObject } from "node:crypto";
import { concat } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { hkdf, open, seal } from "./aead.ts";
import { agree, newPrivate, rawPublic } from "./curve25519.ts";
import { broken } from "./header.ts";
import { fromRawBase64, rawBase64 } from "./raw-base64.ts";
import type { Stanza } from "./stanza.ts";

const info = "age-encryption.org/v1/X25519";
/** The wrap key is fresh for every stanza, so the specification fixes the nonce. */
const zeroNonce = new Uint8Array(12);

export interface X25519Identity {
  readonly type: "X25519";
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly recipient: Uint8Array;
}

/**
 * A stanza that only the holder of the 32-byte `recipient`'s identity can open (C2SP age, "X25519 recipient stanza").
 * @throws MALFORMED for a point of low order
 */
export function wrapForX25519(fileKey: Uint8Array, recipient: Uint8Array): Stanza {
  const ephemeral = newPrivate();
  const share = rawPublic(ephemeral);
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
