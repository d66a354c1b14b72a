import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Signer } from "../core/ports.ts";
import { concat, fromBase64, sha256, toBase64, toHex, utf8 } from "../kit/bytes.ts";
import type { Clock } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";
import { cosignatureMessage, decodeTimestampedSignature, encodeTimestampedSignature } from "./cosignature.ts";

// Note keys: a name and a public key that stands on signature lines, and their one-line form, the vkey.
// https://c2sp.org/signed-note

/** Signature type bytes assigned by C2SP that we know. */
export const noteKeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteKeyType = (typeof noteKeyTypes)[keyof typeof noteKeyTypes];

const maxVkeyLength = 1024;

/** Something that adds its signature line to a note. */
export interface NoteSigner {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  /** The signature bytes that follow the key id on the line, over the note text (final newline included). */
  sign(text: Uint8Array): Promise<Uint8Array>;
}

/** A key we trust to have signed notes. */
export interface NoteVerifier {
  readonly name: string;
  /** 4 bytes. */
  readonly keyId: Uint8Array;
  readonly type: NoteKeyType;
  /** The 32 raw bytes of the Ed25519 public key. */
  readonly publicKey: Uint8Array;
  /** What a good signature says (a cosignature: when it was made, POSIX seconds); undefined when it is not good. */
  verify(text: Uint8Array, signature: Uint8Array): { readonly timestamp?: number } | undefined;
}

/** True for a key name the format allows: not empty, no Unicode space, no "+", no control character. */
export function isKeyName(name: string): boolean {
  // The point of the expression is to find control characters.
  // oxlint-disable-next-line no-control-regex
  return name.length > 0 && name.length <= 512 && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** The first 4 bytes of SHA-256(name ‖ newline ‖ type ‖ public key). `publicKey` is the 32 raw bytes. */
export function noteKeyId(name: string, type: NoteKeyType, publicKey: Uint8Array): Uint8Array {
  return sha256(utf8(`${name}\n`), Uint8Array.of(type), publicKey).subarray(0, 4);
}

/** The 32 raw bytes of an Ed25519 public key (RFC 8032). @throws UNSUPPORTED for any other kind of key */
export function rawEd25519(publicKey: KeyObject): Uint8Array {
  if (publicKey.asymmetricKeyType !== "ed25519") fail("UNSUPPORTED", "logs and witnesses sign with Ed25519 keys only");
  return Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
}

/** The vkey `name+hex key id+base64(01 ‖ public key)` of an Ed25519 note key. @throws UNSUPPORTED, USAGE */
export function vkeyOf(name: string, publicKey: KeyObject): string {
  return writeVkey(name, noteKeyTypes.ed25519, publicKey);
}

/** The vkey of a witness's key: as {@link vkeyOf}, with type byte 04. @throws UNSUPPORTED, USAGE */
export function cosignerVkeyOf(name: string, publicKey: KeyObject): string {
  return writeVkey(name, noteKeyTypes.cosignature, publicKey);
}

function writeVkey(name: string, type: NoteKeyType, publicKey: KeyObject): string {
  checkKeyName(name);
  const raw = rawEd25519(publicKey);
  return `${name}+${toHex(noteKeyId(name, type, raw))}+${toBase64(concat(Uint8Array.of(type), raw))}`;
}

/**
 * The key a vkey names: type 01 (Ed25519) or 04 (cosignature/v1).
 * @throws MALFORMED when it is not a vkey or its key id does not belong to the key; UNSUPPORTED for other types
 */
export function parseVkey(vkey: string): NoteVerifier {
  const where = `vkey "${vkey.slice(0, 80)}"`;
  const next = "A vkey looks like name+0123abcd+base64 and stands on one line.";
  const [, name, hex, encoded] = (vkey.length <= maxVkeyLength && /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey)) || [];
  if (name === undefined || hex === undefined || encoded === undefined || !isKeyName(name))
    return fail("MALFORMED", { message: "this is not a note key", where, next });
  const material = fromBase64(encoded, where);
  const type = knownType(material[0]);
  if (type === undefined)
    fail("UNSUPPORTED", { message: `note keys of type ${material[0] ?? "(none)"} are not supported`, where });
  const raw = material.subarray(1);
  if (raw.length !== 32) fail("MALFORMED", { message: "an Ed25519 public key has 32 bytes", where });
  const keyId = noteKeyId(name, type, raw);
  if (toHex(keyId) !== hex)
    fail("MALFORMED", {
      message: "the key id does not belong to this name and key",
      where,
      next: "Copy the vkey again from where its owner publishes it.",
    });
  return verifierOf(name, keyId, type, raw, where);
}

function knownType(byte: number | undefined): NoteKeyType | undefined {
  return Object.values(noteKeyTypes).find((type) => type === byte);
}

function verifierOf(name: string, keyId: Uint8Array, type: NoteKeyType, raw: Uint8Array, where: string): NoteVerifier {
  const publicKey = ed25519KeyOf(raw, where);
  return {
    name,
    keyId,
    type,
    publicKey: raw,
    verify(text, signature) {
      if (type === noteKeyTypes.ed25519)
        return signature.length === 64 && verify(null, text, publicKey, signature) ? {} : undefined;
      const parts = decodeTimestampedSignature(signature);
      if (!parts || !verify(null, cosignatureMessage(parts.timestamp, text), publicKey, parts.signature))
        return undefined;
      return { timestamp: parts.timestamp };
    },
  };
}

function ed25519KeyOf(raw: Uint8Array, where: string): KeyObject {
  try {
    const x = Buffer.from(raw).toString("base64url");
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  } catch (cause) {
    return fail("MALFORMED", { message: "the 32 bytes are not an Ed25519 public key", where, cause });
  }
}

/** Signs notes as `name` with type 01. @throws UNSUPPORTED when the key is not Ed25519; USAGE for a bad name */
export function ed25519NoteSigner(name: string, signer: Signer): NoteSigner {
  checkKeyName(name);
  return {
    name,
    keyId: noteKeyId(name, noteKeyTypes.ed25519, rawEd25519(signer.publicKey)),
    sign: (text) => signer.sign(text),
  };
}

/**
 * Cosigns checkpoints as the witness `name` (type 04), stating `clock`'s time in whole seconds.
 * @throws UNSUPPORTED when the key is not Ed25519; USAGE for a bad name
 */
export function cosigner(name: string, signer: Signer, clock: Clock): NoteSigner {
  checkKeyName(name);
  return {
    name,
    keyId: noteKeyId(name, noteKeyTypes.cosignature, rawEd25519(signer.publicKey)),
    async sign(text) {
      const timestamp = Math.max(0, Math.floor(clock.now() / 1000));
      return encodeTimestampedSignature({
        timestamp,
        signature: await signer.sign(cosignatureMessage(timestamp, text)),
      });
    },
  };
}

/** The type 04 (cosignature) form of a key: same name, same public key, another key id. */
export function cosignatureVerifierOf({ name, publicKey }: NoteVerifier): NoteVerifier {
  const type = noteKeyTypes.cosignature;
  return verifierOf(name, noteKeyId(name, type, publicKey), type, publicKey, name);
}

function checkKeyName(name: string): void {
  if (!isKeyName(name))
    fail("USAGE", {
      message: `"${name.slice(0, 80)}" cannot be the name of a note key`,
      next: "Use a name like example.com/log without spaces and without +.",
    });
}
