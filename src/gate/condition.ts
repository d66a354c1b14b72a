import type { Json } from "../kit/canonical-json.ts";
import { canonicalJson } from "../kit/canonical-json.ts";
import { atPointer } from "../kit/json-pointer.ts";
import { shown } from "../formats/schema/check.ts";
import type { Outcome } from "../core/verdict.ts";
import type { Condition } from "./policy-types.ts";

/** What one look at the evidence says, and why. */
export interface Finding {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** Holds the field a condition names in `predicate` against it. A field that is absent leaves the question undecided. */
export function evaluateCondition(condition: Condition, predicate: Json): Finding {
  const found = atPointer(predicate, condition.at);
  if (found === undefined) return { outcome: "undecided", reason: `its field ${condition.at} is missing` };
  return compare(condition, found);
}

/**
 * Holds a value against a condition. Ordered comparisons want numbers: `null` (not measured) is undecided, any other type
 * contradicts, as do values that differ.
 */
export function compare({ at, op, value = null }: Condition, found: Json): Finding {
  const field = at === "" ? "its content" : at;
  const answer = (holds: boolean): Finding => ({
    outcome: holds ? "pass" : "fail",
    reason: `${field} is ${shown(found)}, ${holds ? "as needed" : "but needed is"} ${needed(op, value)}`,
  });
  switch (op) {
    case "exists":
      return found === null ? { outcome: "undecided", reason: `${field} is empty` } : answer(true);
    case "==":
      return answer(same(found, value));
    case "!=":
      return answer(!same(found, value));
    case "in":
      return answer(isList(value) && value.some((item) => same(found, item)));
    case "not-in":
      return answer(isList(value) && !value.some((item) => same(found, item)));
    default: {
      if (found === null) return { outcome: "undecided", reason: `${field} is empty, not a number` };
      if (typeof found !== "number" || typeof value !== "number") {
        return { outcome: "fail", reason: `${field} is ${shown(found)}, not a number; needed is ${needed(op, value)}` };
      }
      if (op === "<") return answer(found < value);
      if (op === "<=") return answer(found <= value);
      return answer(op === ">" ? found > value : found >= value);
    }
  }
}

function needed(op: string, value: Json): string {
  return op === "exists" ? "any value" : `${op} ${shown(value)}`;
}

function same(a: Json, b: Json): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
