import type { Digest } from "../kit/digest.ts";

/** Undecided is an answer of its own: something needed is missing. It is never treated as pass. */
export type Outcome = "pass" | "fail" | "undecided";

/** One requirement of a policy, and what the statements say about it. */
export interface RequirementResult {
  /** Stable id within the policy, e.g. `require[2]` or the requirement's own `id`. */
  readonly id: string;
  /** The requirement in a sentence. */
  readonly title: string;
  readonly outcome: Outcome;
  /** Why, in a sentence naming statement, signer, field or version. */
  readonly reason: string;
  /** Digests of the statements that decided it. */
  readonly evidence: readonly Digest[];
}

/** May this version serve under this alias, now? */
export interface Verdict {
  readonly outcome: Outcome;
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly version: Digest;
  readonly policy: { readonly name: string; readonly digest: Digest };
  readonly evaluatedAt: string;
  /** RFC 3339: the first moment at which age alone can change the outcome; absent when none can. */
  readonly validUntil?: string | undefined;
  readonly requirements: readonly RequirementResult[];
}
