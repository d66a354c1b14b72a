import { shown } from "../formats/schema/check.ts";
import type { Requirement } from "./policy-types.ts";

const owners = {
  self: "The version has",
  datasets: "Every dataset it was made from has",
  models: "Every model it was made from has",
  ancestors: "Everything it was made from has",
} as const;

/** A requirement in a sentence, from its parts. */
export function titleOf(requirement: Omit<Requirement, "title">): string {
  const { of, statement, signedBy, maxAge, condition, matchesInputs, sources, licences, regions, blockAt } =
    requirement;
  const parts = [`${owners[of]} ${article(statement)} ${statement} statement signed by ${listed(signedBy, "or")}`];
  if (matchesInputs) parts.push("that matches the registered inputs");
  if (condition) {
    const needed = condition.op === "exists" ? "" : ` ${shown(condition.value ?? null)}`;
    parts.push(`with ${condition.at === "" ? "its content" : condition.at} ${condition.op}${needed}`);
  }
  if (sources) parts.push("from an allowed source");
  if (licences) parts.push("under an allowed licence");
  if (regions) parts.push("in an allowed region");
  if (blockAt) parts.push(`without findings of severity ${blockAt} or worse`);
  if (maxAge) parts.push(`no older than ${maxAge.text}`);
  return parts.join(", ");
}

function article(word: string): string {
  return /^[aeiou]/i.test(word) ? "an" : "a";
}

/** "a", "a or b", "a, b or c". */
export function listed(words: readonly string[], last: "and" | "or"): string {
  return words.length < 2 ? (words[0] ?? "nobody") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
