import type { Digest } from "../kit/digest.ts";
import { shown } from "../formats/schema/check.ts";
import type { VerifiedStatement } from "../core/statement.ts";
import type { Outcome } from "../core/verdict.ts";
import type { VersionRow } from "../store/repository.ts";
import { evaluateCondition } from "./condition.ts";
import type { Finding } from "./condition.ts";
import { scanFindings } from "./findings.ts";
import type { GateInput } from "./input.ts";
import type { Requirement } from "./policy-types.ts";
import { matchesInputs } from "./provenance.ts";
import { select, versionText } from "./select.ts";
import { signedByText } from "./signers.ts";

/** What a requirement comes to, and when time alone will change that. */
export interface Decision {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly evidence: readonly Digest[];
  /** Moment (ms since 1970) at which a pass ends and what it turns into. */
  readonly ends?: { readonly at: number; readonly into: "fail" | "undecided" } | undefined;
}

/** Evaluates one requirement about every version it speaks of; the worst answer counts. */
export function evaluateRequirement(requirement: Requirement, input: GateInput): Decision {
  if (requirement.of === "self") return evaluateOne(requirement, input.version, input);
  const versions = versionsOf(requirement, input);
  if (versions.length === 0) return nothingToAsk(requirement, input.version);
  return combine(versions.map((version) => ({ version, decision: evaluateOne(requirement, version, input) })));
}

function versionsOf({ of }: Requirement, { ancestors }: GateInput): readonly VersionRow[] {
  if (of === "ancestors") return ancestors;
  if (of === "models") return ancestors.filter(({ kind }) => kind === "model");
  // A feature table that names no input is a source of data itself: calling data "features" must not free it from proof.
  return ancestors.filter(({ kind, inputs }) => kind === "dataset" || (kind === "features" && inputs.length === 0));
}

/** Naming no data must not be a way around proving where the data came from; building on no model is a fine thing. */
function nothingToAsk({ of }: Requirement, version: VersionRow): Decision {
  if (of === "models")
    return { outcome: "pass", reason: "it was made from no other model", evidence: [version.statement] };
  const what = of === "datasets" ? "dataset" : "input";
  return {
    outcome: "undecided",
    reason: `its registration names no ${what}, so nothing shows what it was made from`,
    evidence: [version.statement],
  };
}

function evaluateOne(requirement: Requirement, version: VersionRow, input: GateInput): Decision {
  const selected = select(requirement, version, input);
  if ("none" in selected) return { ...selected.none, evidence: selected.evidence.map(({ digest }) => digest) };
  const { statement, mismatch } = selected;
  const evidence = [statement.digest];
  const by = `its ${requirement.statement} statement, signed by ${signedByText(statement, input.keyNames)}`;
  if (mismatch !== undefined) return { outcome: "fail", reason: `${by}, is about other bytes: ${mismatch}`, evidence };

  const findings = contentFindings(requirement, version, statement);
  const worst = worstOf(findings.map(({ outcome }) => outcome));
  const reasons = findings.filter(({ outcome }) => outcome === worst).map(({ reason }) => reason);
  if (worst !== "pass") return { outcome: worst, reason: `${by}: ${reasons.join("; ")}`, evidence };
  return checkAge(requirement, statement, input.now, [by, ...reasons].join("; "));
}

/** What the statement's content says about each thing the requirement asks of it. */
function contentFindings(requirement: Requirement, version: VersionRow, { statement }: VerifiedStatement): Finding[] {
  const { predicate } = statement;
  const { condition, sources, licences, regions, blockAt } = requirement;
  const findings: Finding[] = [];
  if (requirement.matchesInputs) findings.push(matchesInputs(statement, version));
  if (condition) findings.push(evaluateCondition(condition, predicate));
  if (sources) {
    const source = evaluateCondition({ at: "/source", op: "exists" }, predicate);
    const found = source.outcome === "pass" ? (predicate as { readonly source: unknown }).source : undefined;
    findings.push(found === undefined ? source : sourceFinding(found, sources));
  }
  if (licences) findings.push(evaluateCondition({ at: "/licence", op: "in", value: licences }, predicate));
  if (regions) findings.push(evaluateCondition({ at: "/region", op: "in", value: regions }, predicate));
  if (blockAt) findings.push(scanFindings(predicate, blockAt));
  return findings;
}

function sourceFinding(source: unknown, allowed: readonly string[]): Finding {
  const text = typeof source === "string" ? source : undefined;
  const named = shown(text ?? "something that is not text");
  return text !== undefined && allowed.some((pattern) => sourceMatches(text, pattern))
    ? { outcome: "pass", reason: `its source ${named} is allowed` }
    : { outcome: "fail", reason: `its source ${named} is not one the policy allows` };
}

/** Exactly the pattern, or, where the pattern ends in "/*", something below it that cannot climb out again. */
function sourceMatches(source: string, pattern: string): boolean {
  if (!pattern.endsWith("/*")) return source === pattern;
  const climbs = /[\\\s]|%2e|%2f|%5c|(?:^|\/)\.\.?(?:\/|$|[?#])/i.test(source);
  return !climbs && source.startsWith(pattern.slice(0, -1)) && source.length >= pattern.length;
}

function checkAge({ maxAge }: Requirement, statement: VerifiedStatement, now: number, reason: string): Decision {
  const evidence = [statement.digest];
  if (!maxAge) return { outcome: "pass", reason, evidence };
  const recorded = Date.parse(statement.recordedAt);
  if (Number.isNaN(recorded)) {
    return { outcome: "undecided", reason: `${reason}; but when it was recorded is not known`, evidence };
  }
  const age = now - recorded;
  if (age >= maxAge.ms) {
    return {
      outcome: "undecided",
      reason: `${reason}; but it is ${ageText(age)} old and the limit is ${maxAge.text}`,
      evidence,
    };
  }
  if (-age >= maxAge.ms) {
    return { outcome: "undecided", reason: `${reason}; but it was recorded ${ageText(-age)} in the future`, evidence };
  }
  return { outcome: "pass", reason, evidence, ends: { at: recorded + maxAge.ms, into: "undecided" } };
}

function ageText(ms: number): string {
  for (const [unit, length] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
  ] as const) {
    if (ms >= length) return `${Math.floor(ms / length)}${unit}`;
  }
  return `${Math.floor(ms)}ms`;
}

interface Answer {
  readonly version: VersionRow;
  readonly decision: Decision;
}

/** One decision out of several versions': the worst outcome, told by the versions that have it (at most three by name). */
function combine(answers: readonly Answer[]): Decision {
  const outcome = worstOf(answers.map(({ decision }) => decision.outcome));
  const telling = answers.filter(({ decision }) => decision.outcome === outcome);
  const told = telling.slice(0, 3).map(({ version, decision }) => `${versionText(version)}: ${decision.reason}`);
  const more = telling.length > told.length ? `; and ${telling.length - told.length} more` : "";
  const ends = answers.flatMap(({ decision }) => decision.ends ?? []).toSorted((a, b) => a.at - b.at)[0];
  return {
    outcome,
    reason: told.join("; ") + more,
    evidence: [...new Set(telling.flatMap(({ decision }) => decision.evidence))],
    ends: outcome === "pass" ? ends : undefined,
  };
}

/** Any fail makes it fail; else anything undecided leaves it undecided; else pass. */
export function worstOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes("fail")) return "fail";
  return outcomes.includes("undecided") ? "undecided" : "pass";
}
