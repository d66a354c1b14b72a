import type { Outcome, RequirementResult, Verdict } from "../core/verdict.ts";

/** A line for people, and the outcome it speaks of so that the caller can colour it. */
export interface ExplainedLine {
  readonly outcome: Outcome;
  readonly text: string;
}

const marks = { pass: "pass     ", fail: "FAIL     ", undecided: "undecided" } as const;

/**
 * A verdict as lines for people: the answer first, then what stands in the way, then what holds. Plain text without control
 * characters, whatever the statements contain.
 */
export function explainVerdict(verdict: Verdict): readonly ExplainedLine[] {
  const { outcome, requirements, validUntil } = verdict;
  const lines: ExplainedLine[] = [{ outcome, text: headline(verdict) }];
  for (const wanted of ["fail", "undecided", "pass"] as const) {
    for (const result of requirements) if (result.outcome === wanted) lines.push(explainResult(result));
  }
  if (validUntil !== undefined) lines.push({ outcome, text: `This changes by time alone at ${validUntil}.` });
  return lines;
}

/** One requirement as a line: outcome, what was asked, why. */
export function explainResult({ outcome, id, title, reason }: RequirementResult): ExplainedLine {
  return { outcome, text: printable(`${marks[outcome]} ${id}: ${title}: ${reason}`) };
}

function headline({ outcome, tenant, name, alias, version, policy }: Verdict): string {
  const answer = {
    pass: "may serve",
    fail: "may not serve",
    undecided: "is not admitted: something needed is missing",
  }[outcome];
  return printable(`${tenant}/${name}:${alias} (${version}) ${answer} under policy ${policy.name}`);
}

/** Without what could move a terminal's cursor or reorder its text. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "?");
}
