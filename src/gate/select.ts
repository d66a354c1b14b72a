import { hexOfDigest } from "../kit/digest.ts";
import type { VerifiedStatement } from "../core/statement.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Finding } from "./condition.ts";
import type { GateInput, ModelSignature } from "./input.ts";
import type { Requirement } from "./policy-types.ts";
import { shortDigest, signedByAny, signedByText } from "./signers.ts";
import { listed } from "./titles.ts";

/** The statement that decides a requirement about one version, or why none does. */
export type Selection =
  | { readonly statement: VerifiedStatement; readonly mismatch?: string | undefined }
  | { readonly none: Finding; readonly evidence: readonly VerifiedStatement[] };

interface Candidate {
  readonly statement: VerifiedStatement;
  readonly about: boolean;
  readonly mismatch?: string | undefined;
}

/**
 * The newest (by log position) statement of the required type that is about exactly this version, signed by a signer the
 * requirement names, and on the log. Newest and not best: an older pass must not hide a newer fail.
 */
export function select(requirement: Requirement, version: VersionRow, input: GateInput): Selection {
  const { keyNames } = input;
  const candidates = candidatesOf(requirement, version, input);
  const about = candidates.filter((candidate) => candidate.about);
  if (about.length === 0) return missing(requirement, candidates);

  const trusted = about.filter(({ statement }) => signedByAny(statement, requirement.signedBy, keyNames));
  if (trusted.length === 0) return untrusted(requirement, about, input);

  const logged = trusted.filter(({ statement }) => statement.logIndex !== undefined);
  const newest = logged.toSorted((a, b) => b.statement.logIndex! - a.statement.logIndex!)[0];
  if (newest) return newest;
  const [waiting] = trusted;
  const by = signedByText(waiting!.statement, keyNames);
  return none("undecided", `the ${requirement.statement} statement signed by ${by} is not on the log`, [waiting!]);
}

function candidatesOf(requirement: Requirement, version: VersionRow, input: GateInput): Candidate[] {
  if (requirement.statement === "model-signature") {
    return input.modelSignatures.map((signature) => ofSignature(signature, version));
  }
  const hex = hexOfDigest(version.digest);
  return input.statements
    .filter(({ statement }) => statement.predicateType === requirement.predicateType)
    .map((statement) => ({
      statement,
      about: statement.statement.subject.some((subject) => subject.digest["sha256"] === hex),
    }));
}

/** A model signature's subject is the OpenSSF root digest, not ours: the caller has compared its resources with the files. */
function ofSignature({ statement, version: about, mismatch }: ModelSignature, version: VersionRow): Candidate {
  return { statement, about: about === version.digest, mismatch };
}

function missing({ statement, signedBy }: Requirement, others: readonly Candidate[]): Selection {
  const other = others[0]?.statement.statement.subject[0];
  const elsewhere = other
    ? `; the one on record is about ${JSON.stringify(other.name.slice(0, 80))}, not about it`
    : "";
  return none(
    "undecided",
    `there is no ${statement} statement about it (needed from ${listed(signedBy, "or")})${elsewhere}`,
    [],
  );
}

function untrusted(
  { statement, signedBy }: Requirement,
  about: readonly Candidate[],
  { keyNames }: GateInput,
): Selection {
  const keyless = signedBy.every((name) => (keyNames.get(name)?.size ?? 0) === 0);
  if (keyless) {
    return none(
      "undecided",
      `no key is known of ${listed(signedBy, "or")}, so no ${statement} statement can be trusted`,
      about,
    );
  }
  const by = [...new Set(about.map((candidate) => signedByText(candidate.statement, keyNames)))];
  if (by.every((who) => who === "nobody")) {
    return none(
      "fail",
      `its ${statement} statement carries no signature that verifies with a key known here; needed is ${listed(signedBy, "or")}`,
      about,
    );
  }
  const signers = listed(
    by.filter((who) => who !== "nobody"),
    "and",
  );
  return none(
    "fail",
    `its ${statement} statement is signed by ${signers}, but the policy accepts ${listed(signedBy, "or")}`,
    about,
  );
}

function none(outcome: "fail" | "undecided", reason: string, evidence: readonly Candidate[]): Selection {
  return { none: { outcome, reason }, evidence: evidence.map((candidate) => candidate.statement) };
}

/** A version, for people. */
export function versionText({ kind, name, digest }: VersionRow): string {
  return `${kind} ${name} (${shortDigest(digest)})`;
}
