import { sha256, sha256Hex, toHex, utf8 } from "../kit/bytes.ts";
import { canonicalJson } from "../kit/canonical-json.ts";
import { asDigest, type Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { jsonObject, jsonString, parseJson } from "../kit/json.ts";

/** What the log holds of a statement. Says nothing about names or contents to who lacks the documents. */
export interface Leaf {
  /** Short name of the predicate type; "statement" for types that have none. */
  readonly kind: string;
  /** 32 hex digits for a version, 64 for an alias or a switch: groups the leaves about one thing. */
  readonly topic: string;
  /** Id of the key that signed. */
  readonly by: Digest;
  /** When it was recorded, RFC 3339 in UTC. Stands here so that ages rest on the log and not on a row of the store. */
  readonly at: string;
  /** SHA-256 of salt ‖ envelope, 64 hex digits. */
  readonly digest: string;
}

/** The salted digest a leaf carries of an envelope, 64 hex digits. */
export function saltedDigest(salt: Uint8Array, envelope: Uint8Array): string {
  return toHex(sha256(salt, envelope));
}

/** The leaf's bytes: canonical JSON (RFC 8785). */
export function encodeLeaf({ kind, topic, by, at, digest }: Leaf): Uint8Array {
  return utf8(canonicalJson({ v: 1, kind, topic, by, at, digest }));
}

/** The leaf in `bytes`. @throws MALFORMED when they are not a leaf of ours, UNSUPPORTED for another version of it */
export function parseLeaf(bytes: Uint8Array): Leaf {
  const leaf = jsonObject(parseJson(bytes, "The log entry", 65_535), "The log entry");
  if (leaf["v"] !== 1) fail("UNSUPPORTED", "The log entry is not a version-1 leaf");
  const text = (key: string) => jsonString(leaf[key], `The log entry's ${key}`);
  const [topic, digest] = [text("topic"), text("digest")];
  if (!/^([0-9a-f]{32}|[0-9a-f]{64})$/.test(topic)) fail("MALFORMED", "The log entry's topic is not hexadecimal");
  if (!/^[0-9a-f]{64}$/.test(digest)) fail("MALFORMED", "The log entry's digest is not a SHA-256");
  const at = text("at");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(at) || Number.isNaN(Date.parse(at)))
    fail("MALFORMED", "The log entry's time is not one");
  return { kind: text("kind"), topic, by: asDigest(text("by"), "The log entry's key id"), at, digest };
}

/** Topic of an alias: its promotions and rollbacks stand under it. */
export function aliasTopic(tenant: string, name: string, alias: string): string {
  return domainHash("alias", tenant, name, alias);
}

/** Topic of a kill switch. */
export function killTopic(scope: string, target: string): string {
  return domainHash("kill", scope, target);
}

/** Topic of a tenant's own statements. */
export function tenantTopic(tenant: string): string {
  return domainHash("tenant", tenant);
}

/** Topic of statements about the store as a whole. */
export function storeTopic(): string {
  return domainHash("store");
}

/** Under which subject the records of who read a version stand, apart from the statements about the version itself. */
export function readsSubject(tenant: string, version: Digest): Digest {
  return `sha256:${domainHash("reads", tenant, version)}`;
}

/** SHA-256 of the parts joined by NUL, the first of which is the domain; no part holds a NUL. 64 hex digits. */
function domainHash(...parts: readonly string[]): string {
  return sha256Hex(utf8(parts.join("\0")));
}
