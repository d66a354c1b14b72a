import type { Json } from "../kit/canonical-json.ts";
import type { Severity } from "../core/finding.ts";
import type { Operator, Scope, SignerRule } from "./policy-schema.ts";

/** A comparison of one field of a statement's predicate with a value of the policy. */
export interface Condition {
  /** JSON Pointer into the predicate. */
  readonly at: string;
  readonly op: Operator;
  /** Absent for `exists`. */
  readonly value?: Json | undefined;
}

/** One requirement, with everything its file left out filled in. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly why?: string | undefined;
  /** Short name of the statement, or its predicate type when it has none. */
  readonly statement: string;
  readonly predicateType: string;
  readonly of: Scope;
  /** Names of the signers whose statements count. */
  readonly signedBy: readonly string[];
  readonly maxAge?: { readonly text: string; readonly ms: number } | undefined;
  readonly condition?: Condition | undefined;
  readonly matchesInputs: boolean;
  readonly sources?: readonly string[] | undefined;
  readonly licences?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly blockAt?: Severity | undefined;
}

export interface AliasPolicy {
  readonly require: readonly Requirement[];
  readonly licences?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
}

/** What it takes to serve, per alias. A signer is known by its keys and certificate identities. */
export interface Policy {
  readonly version: 1;
  readonly name: string;
  readonly description?: string | undefined;
  readonly signers: { readonly [name: string]: SignerRule };
  readonly aliases: { readonly [alias: string]: AliasPolicy };
}
