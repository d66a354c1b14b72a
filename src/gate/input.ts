import type { Digest } from "../kit/digest.ts";
import type { VerifiedStatement } from "../core/statement.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Policy } from "./policy-types.ts";
import type { SignerKeys } from "./signers.ts";

/** An OpenSSF model signature presented for a version, after the caller has verified it and compared it with the files. */
export interface ModelSignature {
  /** The version it is recorded for. */
  readonly version: Digest;
  /** `signedBy` and `identities` are empty when the signature itself does not verify. */
  readonly statement: VerifiedStatement;
  /** How the files it lists differ from the version's; absent when they are exactly the same. */
  readonly mismatch?: string | undefined;
}

/** Everything a verdict is made from. Nothing else is looked at: the same input always gives the same verdict. */
export interface GateInput {
  readonly policy: Policy;
  readonly policyDigest: Digest;
  readonly alias: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  readonly version: VersionRow;
  /** Every version registered here that it was made from, directly or not. */
  readonly ancestors: readonly VersionRow[];
  /** Inputs, direct or not, that are not registered here. */
  readonly unresolvedInputs: readonly Digest[];
  /** Statements about the version and its ancestors; others do no harm. */
  readonly statements: readonly VerifiedStatement[];
  readonly modelSignatures: readonly ModelSignature[];
  /** The policy's signers, from {@link "./signers.ts".resolveSigners}. */
  readonly keyNames: SignerKeys;
}
