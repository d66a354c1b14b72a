import { randomBytes } from "node:crypto";
import { fail } from "../../kit/errors.ts";
import { unwrapWithHybrid, wrapForHybrid } from "./hybrid.ts";
import { parseIdentity, parseRecipient } from "./identity.ts";
import { type Header, parseHeader, verifyHeaderMac, writeHeader } from "./header.ts";
import { type Deriving, runHere, unwrapWithPassphrase, wrapForPassphrase } from "./scrypt.ts";
import type { Stanza } from "./stanza.ts";
import { unwrapWithX25519, wrapForX25519 } from "./x25519.ts";

/** Who may decrypt: a public key `age1…` (or `age1pq1…`), or whoever knows the pass phrase (then nobody else). */
export type Recipient = string | { readonly passphrase: string; readonly logN?: number };

/** What to decrypt with: a secret key `AGE-SECRET-KEY-1…` (or `…-PQ-1…`) or a pass phrase. */
export type Identity = string | { readonly passphrase: string };

/** Bytes of a file key. */
const fileKeyLength = 16;

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
  const [only] = recipients;
  if (typeof only === "object" && recipients.length === 1)
    return writeHeader([yield* wrapForPassphrase(fileKey, only.passphrase, only.logN)], fileKey);
  return writeHeader(wrapForKeys(fileKey, recipients), fileKey);
}

function wrapForKeys(fileKey: Uint8Array, recipients: readonly Recipient[]): readonly Stanza[] {
  const keys = recipients.map((recipient) =>
    typeof recipient === "string"
      ? parseRecipient(recipient)
      : fail("USAGE", "a pass phrase cannot be combined with other recipients"),
  );
  // One recipient a quantum computer could break would undo the protection the others were chosen for.
  if (new Set(keys.map(({ type }) => type)).size > 1)
    fail("USAGE", "post-quantum recipients (age1pq1…) cannot be combined with others");
  return keys.map(({ type, bytes }) => (type === "X25519" ? wrapForX25519 : wrapForHybrid)(fileKey, bytes));
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
    const key = typeof identity === "string" ? parseIdentity(identity) : identity.passphrase;
    for (const stanza of header.stanzas) {
      const fileKey = yield* unwrapStanza(stanza, key);
      if (fileKey) return fileKey;
    }
  }
  return undefined;
}

function* unwrapStanza(
  stanza: Stanza,
  key: ReturnType<typeof parseIdentity> | string,
): Deriving<Uint8Array | undefined> {
  if (typeof key === "string") return yield* unwrapWithPassphrase(stanza, key);
  return key.type === "X25519" ? unwrapWithX25519(stanza, key) : unwrapWithHybrid(stanza, key);
}

function noMatch(): never {
  return fail("FORBIDDEN", {
    message: "none of the given identities or pass phrases opens this file",
    where: "age header",
    next: "Use the identity the file was encrypted for, or the pass phrase it was encrypted with.",
  });
}
