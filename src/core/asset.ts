import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { isDigest } from "../kit/digest.ts";

export const assetKinds = ["dataset", "features", "model"] as const;
export type AssetKind = (typeof assetKinds)[number];

/** One file of a version. `path` uses "/" and never leaves the version's root. */
export interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly digest: Digest;
}

/** The files of a version, ordered by the UTF-8 bytes of their paths. Its canonical JSON is what a version digest hashes. */
export interface Manifest {
  readonly files: readonly ManifestFile[];
}

/** What is on record about where a version came from and what may be done with it. */
export interface AssetTerms {
  readonly licence?: string | undefined;
  readonly origin?: string | undefined;
  readonly consentBasis?: string | undefined;
  readonly region?: string | undefined;
  /** RFC 3339 date after which the bytes must be gone. */
  readonly retainUntil?: string | undefined;
}

/** A version this one was made from. */
export interface AssetInput {
  readonly digest: Digest;
  /** "training-data", "base-model", "features", "external" … */
  readonly role: string;
}

/** A parsed reference `[tenant/]name[:alias|@sha256:…]`. */
export interface Ref {
  readonly tenant: string;
  readonly name: string;
  readonly at: { readonly alias: string } | { readonly digest: Digest };
}

export const defaultTenant = "default";
const segment = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/** True for names of tenants, assets and aliases: lower-case letters, digits, ".", "_" and "-", at most 64 characters. */
export function isName(text: string): boolean {
  return segment.test(text) && !text.includes("..");
}

/** `text` as a name. @throws USAGE saying which characters are allowed */
export function asName(text: string, what: string): string {
  if (isName(text)) return text;
  return fail("USAGE", {
    message: `${what} ${JSON.stringify(text.slice(0, 80))} is not a usable name`,
    next: 'Use 1 to 64 lower-case letters, digits, ".", "_" or "-", starting and ending with a letter or digit.',
  });
}

/**
 * Parses `[tenant/]name[:alias|@sha256:…]`; the alias defaults to `prod`.
 * @throws USAGE
 */
export function parseRef(text: string): Ref {
  const at = text.indexOf("@");
  const head = at < 0 ? text : text.slice(0, at);
  const colon = head.indexOf(":");
  const path = (colon < 0 ? head : head.slice(0, colon)).split("/");
  if (path.length > 2 || (at >= 0 && colon >= 0)) {
    fail("USAGE", {
      message: `"${text.slice(0, 200)}" is not a reference`,
      next: "Write name, name:alias, name@sha256:…, or tenant/name…",
    });
  }
  const name = asName(path.at(-1) ?? "", "The asset");
  const tenant = path.length === 2 ? asName(path[0]!, "The tenant") : defaultTenant;
  if (at >= 0) {
    const digest = text.slice(at + 1);
    if (!isDigest(digest))
      fail("USAGE", `"${digest.slice(0, 80)}" is not a version digest (sha256: and 64 hex digits)`);
    return { tenant, name, at: { digest } };
  }
  return { tenant, name, at: { alias: colon < 0 ? "prod" : asName(head.slice(colon + 1), "The alias") } };
}

/** The text form of a reference; the default tenant is left out. */
export function formatRef(ref: Ref): string {
  const path = ref.tenant === defaultTenant ? ref.name : `${ref.tenant}/${ref.name}`;
  return "alias" in ref.at ? `${path}:${ref.at.alias}` : `${path}@${ref.at.digest}`;
}
