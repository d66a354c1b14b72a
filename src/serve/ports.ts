import type { Verdict } from "../core/verdict.ts";
import type { Digest } from "../kit/digest.ts";
import type { AliasRow } from "../store/repository.ts";

/** The verified bytes of registered versions, for the model server. */
export interface VersionBytes {
  /**
   * Every file of a version by its path, checked against the version's digest on this very read.
   * @throws NOT_FOUND, REVOKED, ERASED, INTEGRITY
   */
  load(tenant: string, digest: Digest): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** What an alias points to, as far as serving cares. */
export interface ServedAlias
  extends Pick<AliasRow, "tenant" | "name" | "alias" | "digest" | "canary" | "canaryWeight" | "sequence"> {
  /** Why this setting cannot be believed: no signed promotion on the log bears it out. Nothing is served then. */
  readonly doubt?: string | undefined;
}

/** Where the gateway learns what is promoted. */
export interface ServingSource {
  /** A number that changes whenever what is served, or may be served, could have changed. Polled every 50 ms. */
  revision(): Promise<number>;
  snapshot(): Promise<readonly ServedAlias[]>;
}

/** Answers, from statements alone: may this version serve under this alias, now? */
export interface AdmissionGate {
  admit(tenant: string, name: string, alias: string, digest: Digest): Promise<Verdict>;
}

/** A place kill-switch statements are read from. */
export interface KillSource {
  /** For messages: "the store", "kill-epoch.json". */
  readonly title: string;
  /** Text that changes whenever {@link KillSource.read} might answer differently. Cheap: polled every 50 ms. */
  stamp(): Promise<string>;
  /** Exact DSSE envelopes of kill-switch statements; the newest of every scope and target is among them. */
  read(): Promise<readonly Uint8Array[]>;
}

/** A kill source the gateway keeps up to date itself, so that the switch survives a restart without the store. */
export interface KillMirror extends KillSource {
  write(epoch: number, statements: readonly Uint8Array[]): Promise<void>;
}

/** What a verified kill-switch statement says. */
export interface KillFact {
  /** Counts up with every kill or resume; never goes down. */
  readonly epoch: number;
  readonly scope: "all" | "tenant" | "model";
  /** "" for all, the tenant, or `tenant/name`. */
  readonly target: string;
  readonly killed: boolean;
  readonly why: string;
  readonly at: string;
}

/** Checks signature and trust of a kill-switch statement and reads it. @throws SIGNATURE, UNTRUSTED, MALFORMED */
export type KillVerifier = (envelope: Uint8Array) => KillFact;

/** Where a model server listens, and the secret it wants to see. */
export interface UpstreamEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly secret: string;
}
