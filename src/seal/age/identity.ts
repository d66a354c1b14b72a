import { randomBytes } from "node:crypto";
import { fail } from "../../kit/errors.ts";
import { bech32Decode, bech32Encode } from "./bech32.ts";
import { importPrivate, rawPublic } from "./curve25519.ts";
import type { HybridIdentity } from "./hybrid.ts";
import type { X25519Identity } from "./x25519.ts";
import { importSeed, publicBytes } from "./x-wing.ts";

const prefixes = {
  X25519: { identity: "AGE-SECRET-KEY-", recipient: "age" },
  hybrid: { identity: "AGE-SECRET-KEY-PQ-", recipient: "age1pq" },
} as const;

/** Kinds of key pair: `hybrid` adds ML-KEM-768 against quantum computers; its recipients have 1,959 characters. */
export type KeyKind = keyof typeof prefixes;

/** A public key's kind and raw bytes. */
export interface PublicRecipient {
  readonly type: KeyKind;
  readonly bytes: Uint8Array;
}

/** A new key pair as age writes it: the secret `AGE-SECRET-KEY-1…` and the public `age1…` (`-PQ-1…`, `age1pq1…` when hybrid). */
export function generateIdentity(kind: KeyKind = "X25519"): { readonly identity: string; readonly recipient: string } {
  const identity = bech32Encode(prefixes[kind].identity, randomBytes(32));
  return { identity, recipient: recipientOf(identity) };
}

/** The public recipient of a secret identity. @throws MALFORMED, without repeating the secret */
export function recipientOf(identity: string): string {
  const parsed = parseIdentity(identity);
  const bytes = parsed.type === "X25519" ? parsed.recipient : parsed.key.publicKey;
  return bech32Encode(prefixes[parsed.type].recipient, bytes);
}

/** The private key of a secret identity. @throws MALFORMED, without repeating the secret */
export function parseIdentity(text: string): X25519Identity | HybridIdentity {
  const { prefix, bytes } = bech32Decode(text.trim(), "the age identity");
  if (bytes.length === 32 && prefix === prefixes.X25519.identity) {
    const privateKey = importPrivate(bytes);
    return { type: "X25519", privateKey, recipient: rawPublic(privateKey) };
  }
  if (bytes.length === 32 && prefix === prefixes.hybrid.identity) return { type: "hybrid", key: importSeed(bytes) };
  return fail("MALFORMED", "the age identity does not begin with AGE-SECRET-KEY-1 or has the wrong length");
}

/** The public key of a recipient. @throws MALFORMED; UNSUPPORTED for recipients that need an age plugin */
export function parseRecipient(text: string): PublicRecipient {
  const { prefix, bytes } = bech32Decode(text.trim(), "the age recipient");
  if (prefix === prefixes.X25519.recipient && bytes.length === 32) return { type: "X25519", bytes };
  if (prefix === prefixes.hybrid.recipient && bytes.length === publicBytes) return { type: "hybrid", bytes };
  if (/^age1[a-z]/.test(prefix))
    fail("UNSUPPORTED", `recipients that begin with ${prefix.slice(0, 40)} are not supported`);
  return fail("MALFORMED", "the age recipient does not begin with age1 or has the wrong length");
}
