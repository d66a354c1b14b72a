import type { Json } from "../kit/canonical-json.ts";
import { predicateTypeOf } from "../core/statement.ts";
import { compare } from "./condition.ts";
import type { Condition } from "./policy-types.ts";
import type { RequirementFile } from "./policy-schema.ts";

/** Two requirements (or twice the same one) that no statement can meet at once. */
export interface Contradiction {
  readonly first: number;
  readonly second: number;
  readonly why: string;
}

/**
 * Looks for requirements that ask the impossible of one field of one statement: requirements about the same statement of the
 * same versions from the same signers are decided by the same newest statement, so their conditions must have a value in common.
 */
export function findContradiction(requirements: readonly RequirementFile[]): Contradiction | undefined {
  const byField = new Map<string, { index: number; condition: Condition }[]>();
  for (const [index, requirement] of requirements.entries()) {
    for (const condition of conditionsOf(requirement)) {
      const signers = requirement.signedBy ? [...requirement.signedBy].sort() : "every";
      const field = JSON.stringify([
        predicateTypeOf(requirement.statement),
        requirement.of ?? "self",
        signers,
        condition.at,
      ]);
      const group = byField.get(field) ?? [];
      group.push({ index, condition });
      byField.set(field, group);
      if (!satisfiable(group.map((member) => member.condition))) {
        const partner = group.find((member) => !satisfiable([member.condition, condition])) ?? group[0]!;
        return {
          first: partner.index,
          second: index,
          why: `${written(partner.condition)} and ${written(condition)} exclude each other`,
        };
      }
    }
  }
  return undefined;
}

/** Everything a requirement asks of single fields, as conditions. Sources with a wildcard are left out: they only admit more. */
function conditionsOf(requirement: RequirementFile): Condition[] {
  const { at, op, value, sources, licences, regions } = requirement;
  const conditions: Condition[] = [];
  if (at !== undefined && op !== undefined && isComplete(op, value)) conditions.push({ at, op, value: value as Json });
  if (sources && !sources.some((source) => source.includes("*")))
    conditions.push({ at: "/source", op: "in", value: sources });
  if (licences) conditions.push({ at: "/licence", op: "in", value: licences });
  if (regions) conditions.push({ at: "/region", op: "in", value: regions });
  return conditions;
}

/** Incomplete conditions have complaints of their own. */
function isComplete(op: string, value: unknown): boolean {
  if (op === "exists") return true;
  if (op === "in" || op === "not-in") return Array.isArray(value) && value.length > 0;
  return op === "==" || op === "!=" ? value !== undefined : typeof value === "number";
}

/** Is there a value that meets all conditions? Exact for numbers and for listed values; never wrongly says no. */
function satisfiable(conditions: readonly Condition[]): boolean {
  const listed = conditions.find(({ op }) => op === "==" || op === "in");
  if (listed) {
    const candidates = listed.op === "in" ? (listed.value as readonly Json[]) : [listed.value ?? null];
    return candidates.some((candidate) => meetsAll(conditions, candidate));
  }
  const low = Math.max(...conditions.map(({ op, value }) => (op === ">" || op === ">=" ? Number(value) : -Infinity)));
  const high = Math.min(...conditions.map(({ op, value }) => (op === "<" || op === "<=" ? Number(value) : Infinity)));
  // Between two different bounds there are numbers enough to avoid every excluded one; at a single point there is one candidate.
  return low < high || (low === high && meetsAll(conditions, low));
}

function meetsAll(conditions: readonly Condition[], candidate: Json): boolean {
  return conditions.every((condition) => compare(condition, candidate).outcome === "pass");
}

function written({ op, value }: Condition): string {
  return op === "exists" ? op : `${op} ${JSON.stringify(value)}`;
}
