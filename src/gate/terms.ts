import { shown } from "../formats/schema/check.ts";
import type { VersionRow } from "../store/repository.ts";
import type { GateInput } from "./input.ts";
import type { Decision } from "./requirement.ts";
import { worstOf } from "./requirement.ts";
import { versionText } from "./select.ts";
import { listed } from "./titles.ts";

/**
 * Is the registered `term` of everything the version was made from among `allowed`? The version itself is held to it as well
 * when its registration states one; it need not.
 */
export function evaluateTerm(term: "licence" | "region", allowed: readonly string[], input: GateInput): Decision {
  const { version, ancestors } = input;
  const rows = version[term] === undefined ? ancestors : [version, ...ancestors];
  const answers = rows.map((row) => ({ row, ...answer(row, term, allowed) }));
  const outcome = worstOf(answers.map((item) => item.outcome));
  const telling = answers.filter((item) => item.outcome === outcome);
  if (outcome === "pass") {
    const reason = rows.length === 0 ? `nothing it was made from has a ${term}` : `every ${term} is allowed`;
    return { outcome, reason, evidence: telling.map(({ row }) => row.statement) };
  }
  const told = telling.slice(0, 3).map(({ row, reason }) => `${versionText(row)} ${reason}`);
  const more = telling.length > 3 ? `; and ${telling.length - 3} more` : "";
  return { outcome, reason: told.join("; ") + more, evidence: telling.map(({ row }) => row.statement) };
}

function answer(
  row: VersionRow,
  term: "licence" | "region",
  allowed: readonly string[],
): { outcome: Decision["outcome"]; reason: string } {
  const found = row[term];
  if (found === undefined) return { outcome: "undecided", reason: `has no registered ${term}` };
  if (allowed.includes(found)) return { outcome: "pass", reason: "" };
  return { outcome: "fail", reason: `has ${term} ${shown(found)}; allowed is ${listed(allowed.slice(0, 10), "or")}` };
}
