import { randomBytes } from "node:crypto";
import { fail } from "../../kit/errors.ts";
import { type Header, parseHeader, verifyHeaderMac, writeHeader } from "./header.ts";
import { type Deriving, runHere, unwrapWithPassphrase, wrapForPassphrase } from "./scrypt.ts";
import type { Stanza } from "./stanza.ts";
import { parseX25519Identity, parseX25519Recipient, unwrapWithX25519, wrapForX25519 } from "./x25519.ts";

/** Who may decrypt: a public key `age1…`, or whoever knows the pass phrase (then nobody else). */
export type Recipient = string | { readonly passphrase: string; readonly logN?: number };

/** What to decrypt with: a secret key `AGE-SECRET-KEY-1…` or a pass phrase. */
export type Identity = string | { readonly passphrase: string };

/** Bytes of a file key. */
export const fileKeyLength = 16;

/** A fresh 128-bit key for one file's payload. Never use it for a second payload. */
export function newFileKey(): Uint8Array {
  return randomBytes(fileKeyLength);
}

/**
 * An age header that gives `fileKey` to `recipients`. Header ‖ payload is a complete age file; wrapping the same key again
 * for other recipients replaces the header only, the payload stays as it is. Blocks while a pass phrase is stretched.
 * @throws USAGE for no recipients, or a pass phrase beside others · MALFORMED for a recipient that is none
 */
export function wrapFileKey(fileKey: Uint8Array, recipients: readonly Recipient[]): Uint8Array {
  return runHere(wrapping(fileKey, recipients));
}

/**
 * The file key of a header written by {@link wrapFileKey} or by any age implementation. Blocks while a pass phrase is stretched.
 * @throws MALFORMED for a broken header or identity · FORBIDDEN when no identity fits · INTEGRITY when the MAC does not
 */
export function unwrapFileKey(header: Uint8Array, identities: readonly Identity[]): Uint8Array {
  return runHere(unwrapping(header, identities));
}

/** {@link wrapFileKey} as work for a driver. */
export function* wrapping(fileKey: Uint8Array, recipients: readonly Recipient[]): Deriving<Uint8Array> {
  if (fileKey.length !== fileKeyLength) fail("USAGE", `a file key has ${fileKeyLength} bytes`);
  if (recipients.length === 0) fail("USAGE", "encryption needs at least one recipient");
  const stanzas: Stanza[] = [];
  for (const recipient of recipients) {
    if (typeof recipient === "string") {
      stanzas.push(wrapForX25519(fileKey, parseX25519Recipient(recipient)));
    } else {
      if (recipients.length > 1) fail("USAGE", "a pass phrase cannot be combined with other recipients");
      stanzas.push(yield* wrapForPassphrase(fileKey, recipient.passphrase, recipient.logN));
    }
  }
  return writeHeader(stanzas, fileKey);
}

/** {@link unwrapFileKey} as work for a driver. */
export function* unwrapping(bytes: Uint8Array, identities: readonly Identity[]): Deriving<Uint8Array> {
  const header = parseHeader(bytes);
  const fileKey = (yield* findFileKey(header, identities)) ?? noMatch();
  verifyHeaderMac(header, fileKey);
  return fileKey;
}

function* findFileKey(header: Header, identities: readonly Identity[]): Deriving<Uint8Array | undefined> {
  for (const identity of identities) {
    const key = typeof identity === "string" ? parseX25519Identity(identity) : identity.passphrase;
    for (const stanza of header.stanzas) {
      const fileKey =
        typeof key === "string" ? yield* unwrapWithPassphrase(stanza, key) : unwrapWithX25519(stanza, key);
      if (fileKey) return fileKey;
    }
  }
  return undefined;
}

function noMatch(): never {
  return fail("FORBIDDEN", {
    message: "none of the given identities or pass phrases opens this file",
    where: "age header",
    next: "Use the identity the file was encrypted for, or the pass phrase it was encrypted with.",
  });
}
