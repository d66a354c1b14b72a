import type { AssetInput, AssetKind, AssetTerms, ManifestFile } from "../core/asset.ts";
import { predicateTypeOf } from "../core/statement.ts";
import type { Json } from "../kit/canonical-json.ts";
import type { Digest } from "../kit/digest.ts";

/** Predicate types whose statements change the registry's state. Only the registry itself may record them. */
export const stateTypes = {
  tenant: predicateTypeOf("tenant"),
  registration: predicateTypeOf("registration"),
  promotion: predicateTypeOf("promotion"),
  rollback: predicateTypeOf("rollback"),
  revocation: predicateTypeOf("revocation"),
  erasure: predicateTypeOf("erasure"),
  killSwitch: predicateTypeOf("kill-switch"),
} as const;

/** Predicate types only the registry records, which change no state. */
export const recordTypes = {
  featureRead: predicateTypeOf("feature-read"),
  keyRotation: predicateTypeOf("key-rotation"),
} as const;

/** Predicate type of a gate's verdict. */
export const verdictType = predicateTypeOf("gate-verdict");

/** True for types that {@link stateTypes} and {@link recordTypes} reserve for the registry. */
export function isReserved(predicateType: string): boolean {
  return changesState(predicateType) || Object.values<string>(recordTypes).includes(predicateType);
}

/** True for types whose statements change state. */
export function changesState(predicateType: string): boolean {
  return Object.values<string>(stateTypes).includes(predicateType);
}

/** `urn:castellan:tenant:v1`: a tenant was added. */
export interface TenantPredicate {
  readonly tenant: string;
  readonly createdAt: string;
}

/** `urn:castellan:registration:v1`: a version exists, with these files, inputs and terms. */
export interface RegistrationPredicate extends AssetTerms {
  readonly tenant: string;
  readonly kind: AssetKind;
  readonly name: string;
  readonly version: Digest;
  /** 32 hex digits: under which topic this version's leaves stand. */
  readonly topic: string;
  readonly files: readonly ManifestFile[];
  readonly inputs: readonly AssetInput[];
  readonly facts: { readonly [key: string]: Json };
  readonly registeredAt: string;
  /** A revoked or erased ancestor it had already when it was registered. */
  readonly flaggedBy?: Digest | undefined;
}

/** `urn:castellan:promotion:v1` and `urn:castellan:rollback:v1`: the alias points to `to` from now on. */
export interface AliasPredicate {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly from?: Digest | undefined;
  readonly to: Digest;
  /** Gets `canaryWeight` percent of the requests; `to` gets the others. */
  readonly canary?: Digest | undefined;
  readonly canaryWeight: number;
  readonly sequence: number;
  /** Digest of the gate-verdict statement that admitted `canary` when there is one, else `to`. */
  readonly verdict: Digest;
  readonly at: string;
}

/** `urn:castellan:revocation:v1`: the version must not be used any more. */
export interface RevocationPredicate {
  readonly tenant: string;
  readonly name: string;
  readonly version: Digest;
  readonly why: string;
  readonly revokedAt: string;
  /** Every version derived from it, directly or not. */
  readonly affected: readonly Digest[];
}

/** What an erasure does to an alias that pointed to the erased version. */
export interface Withdrawal {
  readonly alias: string;
  readonly sequence: number;
  /** The main version that stays when only the canary went; the alias is removed when absent. */
  readonly keeps?: Digest | undefined;
}

/** `urn:castellan:erasure:v1`: the certificate of destruction. */
export interface ErasurePredicate {
  readonly tenant: string;
  readonly name: string;
  readonly version: Digest;
  readonly why: string;
  readonly erasedAt: string;
  readonly objects: readonly { readonly path: string; readonly ciphertextDigest?: Digest | undefined }[];
  readonly affected: readonly Digest[];
  readonly withdraws: readonly Withdrawal[];
  readonly proves: readonly string[];
  readonly doesNotProve: readonly string[];
}

/** `urn:castellan:kill-switch:v1`: the switch of `target` is on (`killed`) or off again. Epochs only grow. */
export interface KillPredicate {
  readonly epoch: number;
  readonly scope: "all" | "tenant" | "model";
  readonly target: string;
  readonly killed: boolean;
  readonly why: string;
  readonly at: string;
}

/** `urn:castellan:feature-read:v1`: somebody was given the bytes of a feature table. */
export interface FeatureReadPredicate {
  readonly tenant: string;
  readonly name: string;
  readonly version: Digest;
  readonly by: string;
  readonly byTenant: string;
  readonly at: string;
}

/** `urn:castellan:key-rotation:v1`: every stored object's key is wrapped for `to`. */
export interface KeyRotationPredicate {
  readonly to: string;
  readonly rewrapped: number;
  readonly at: string;
}

/** A predicate as JSON: same value, seen without its interface. */
export function asJson(predicate: object): Json {
  return predicate as Json;
}
