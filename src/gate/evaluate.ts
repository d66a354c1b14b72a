import type { RequirementResult, Verdict } from "../core/verdict.ts";
import { builtIns } from "./built-in.ts";
import type { GateInput } from "./input.ts";
import { evaluateRequirement, worstOf } from "./requirement.ts";
import type { Decision } from "./requirement.ts";
import { evaluateTerm } from "./terms.ts";
import { listed } from "./titles.ts";

interface Result {
  readonly id: string;
  readonly title: string;
  readonly decision: Decision;
}

/**
 * May this version serve under this alias, now? Answered from statements alone; a pure function of its input.
 *
 * A contradiction fails; what is missing, stale or unknown leaves it undecided; any fail makes the verdict fail, else anything
 * undecided makes it undecided. What never holds: a statement that is unsigned, signed by somebody the requirement does not
 * name, not on the log, of another type or about another version turns no other outcome into pass.
 */
export function evaluateGate(input: GateInput): Verdict {
  const { version, policy, alias, now } = input;
  const results = [...builtInResults(input), ...policyResults(input)];
  const outcome = worstOf(results.map(({ decision }) => decision.outcome));
  const validUntil = firstFlip(results, outcome);
  return {
    outcome,
    tenant: version.tenant,
    name: version.name,
    alias,
    version: version.digest,
    policy: { name: policy.name, digest: input.policyDigest },
    evaluatedAt: new Date(now).toISOString(),
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
    requirements: results.map(
      ({ id, title, decision: { outcome, reason, evidence } }): RequirementResult => ({
        id,
        title,
        outcome,
        reason,
        evidence,
      }),
    ),
  };
}

function builtInResults(input: GateInput): Result[] {
  return builtIns.map((rule) => ({ id: rule.id, title: rule.title, decision: rule.decide(input) }));
}

function policyResults(input: GateInput): Result[] {
  const { policy, alias } = input;
  const rules = Object.hasOwn(policy.aliases, alias) ? policy.aliases[alias] : undefined;
  if (!rules) return [unruled(input, `policy ${policy.name} says nothing about alias ${alias}`)];
  const results = rules.require.map((requirement): Result => {
    return { id: requirement.id, title: requirement.title, decision: evaluateRequirement(requirement, input) };
  });
  for (const [id, term] of [
    ["licences", "licence"],
    ["regions", "region"],
  ] as const) {
    const allowed = rules[id];
    if (!allowed) continue;
    const title = `Everything it was made from has ${term} ${listed(allowed.slice(0, 10), "or")}`;
    results.push({ id: `built-in/${id}`, title, decision: evaluateTerm(term, allowed, input) });
  }
  return results.length > 0 ? results : [unruled(input, `policy ${policy.name} requires nothing for alias ${alias}`)];
}

/** A policy that asks for nothing proves nothing. */
function unruled({ alias }: GateInput, reason: string): Result {
  const title = `The policy says what alias ${alias} needs`;
  return { id: "built-in/ruled", title, decision: { outcome: "undecided", reason, evidence: [] } };
}

/** The first moment time alone changes the outcome: never for a fail, and only to fail for what is undecided. */
function firstFlip(results: readonly Result[], outcome: Verdict["outcome"]): number | undefined {
  if (outcome === "fail") return undefined;
  const moments = results
    .flatMap(({ decision }) => decision.ends ?? [])
    .filter(({ into }) => outcome === "pass" || into === "fail")
    .map(({ at }) => at);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
