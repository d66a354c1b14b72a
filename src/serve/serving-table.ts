import type { Verdict } from "../core/verdict.ts";
import type { Digest } from "../kit/digest.ts";
import { nearest } from "../kit/nearest.ts";

/** A version that may receive requests, and the proof that it may. */
export interface AdmittedVersion {
  readonly digest: Digest;
  /** SHA-256 of the canonical JSON of the verdict that admitted it. */
  readonly proof: Digest;
  /** Milliseconds since 1970 at which the verdict ends; Infinity when it does not. */
  readonly validUntil: number;
}

/** A version somebody promoted but nothing proves. */
export interface RefusedVersion {
  readonly digest: Digest;
  readonly outcome: "fail" | "undecided";
  readonly missing: readonly Pick<Verdict["requirements"][number], "id" | "title" | "outcome" | "reason">[];
}

/** One alias of one model. */
export interface ServingEntry {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly sequence: number;
  readonly primary: AdmittedVersion | RefusedVersion;
  /** Gets `weight` percent of the requests; absent until it is admitted and loaded. */
  readonly canary: AdmittedVersion | undefined;
  readonly canaryRefused: RefusedVersion | undefined;
  /** Percent, 0 to 100. */
  readonly weight: number;
  /** The promoted version while it is still being loaded and `primary` is the one before. */
  readonly pending: Digest | undefined;
}

export type Resolution =
  | { readonly kind: "serve"; readonly version: AdmittedVersion }
  | { readonly kind: "refused"; readonly version: RefusedVersion }
  | { readonly kind: "expired"; readonly version: AdmittedVersion }
  | { readonly kind: "unknown"; readonly known: boolean; readonly close: string | undefined };

/** Does something prove this version? */
export function isAdmitted(version: AdmittedVersion | RefusedVersion): version is AdmittedVersion {
  return "proof" in version;
}

/**
 * Which version answers for which alias: never changed, only replaced as a whole, so that one request sees one table.
 */
export class ServingTable {
  readonly entries: readonly ServingEntry[];
  /** The source's revision it was built from. */
  readonly revision: number;
  /** When the first verdict in it ends, in milliseconds since 1970. */
  readonly nextExpiry: number;
  readonly #byAlias: ReadonlyMap<string, ServingEntry>;
  readonly #byDigest: ReadonlyMap<string, AdmittedVersion>;

  constructor(entries: readonly ServingEntry[], revision: number) {
    this.entries = entries;
    this.revision = revision;
    const byAlias = new Map<string, ServingEntry>();
    const byDigest = new Map<string, AdmittedVersion>();
    let nextExpiry = Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      byAlias.set(key(entry.tenant, entry.name, entry.alias), entry);
      for (const version of [entry.primary, entry.canary]) {
        if (!version || !isAdmitted(version)) continue;
        nextExpiry = Math.min(nextExpiry, version.validUntil);
        const at = key(entry.tenant, entry.name, version.digest);
        const other = byDigest.get(at);
        // Admitted under several aliases: asked for by digest, the longest-lived proof holds.
        if (!other || other.validUntil < version.validUntil) byDigest.set(at, version);
      }
    }
    this.nextExpiry = nextExpiry;
    this.#byAlias = byAlias;
    this.#byDigest = byDigest;
  }

  /**
   * The version that answers this request.
   * @param label an alias or a version digest
   * @param requestId decides deterministically whether the canary answers
   * @param now milliseconds since 1970
   */
  resolve(tenant: string, name: string, label: string, requestId: string, now: number): Resolution {
    const entry = this.#byAlias.get(key(tenant, name, label));
    if (entry) {
      const { canary, primary } = entry;
      if (canary && percentOf(requestId) < entry.weight && now < canary.validUntil)
        return { kind: "serve", version: canary };
      if (!isAdmitted(primary)) return { kind: "refused", version: primary };
      return { kind: now < primary.validUntil ? "serve" : "expired", version: primary };
    }
    const version = this.#byDigest.get(key(tenant, name, label));
    if (version) return { kind: now < version.validUntil ? "serve" : "expired", version };
    const ours = this.entries.filter((entry) => entry.tenant === tenant);
    const aliases = ours.filter((entry) => entry.name === name);
    return aliases.length > 0
      ? { kind: "unknown", known: true, close: aliases.map((entry) => entry.alias).join(", ") }
      : {
          kind: "unknown",
          known: false,
          close: nearest(
            name,
            ours.map((entry) => entry.name),
          ),
        };
  }

  /** Digests of the versions that receive requests, with their tenants. */
  *admitted(): IterableIterator<{ readonly entry: ServingEntry; readonly version: AdmittedVersion }> {
    for (const entry of this.entries) {
      if (isAdmitted(entry.primary)) yield { entry, version: entry.primary };
      if (entry.canary) yield { entry, version: entry.canary };
    }
  }
}

/** The table before anything is known: it serves nothing. */
export function emptyTable(): ServingTable {
  return new ServingTable([], Number.NaN);
}

function key(tenant: string, name: string, label: string): string {
  return `${tenant}/${name}/${label}`;
}

/** A number in [0, 100) that depends on the text only: 32-bit FNV-1a with a final mix, so that near ids spread evenly. */
export function percentOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
}
