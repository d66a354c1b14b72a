import type { AssetInput, AssetTerms } from "../core/asset.ts";
import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import { isDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";

/** Most inputs a version may name. */
export const maxInputs = 1000;
const maxTextLength = 2000;
const maxFactsLength = 256 * 1024;
const termNames = ["licence", "origin", "consentBasis", "region", "retainUntil"] as const;

/** The terms among `terms`, checked; unknown members are refused so that a misspelt one is not lost. @throws USAGE */
export function checkTerms(terms: AssetTerms): AssetTerms {
  for (const key of Object.keys(terms))
    if (!(termNames as readonly string[]).includes(key))
      fail("USAGE", { message: `"${key}" is not a term of a version`, next: `Terms are ${termNames.join(", ")}.` });
  for (const name of termNames) {
    const text = terms[name];
    if (text === undefined) continue;
    if (typeof text !== "string" || text === "" || text.length > maxTextLength || !text.isWellFormed())
      fail("USAGE", `${name} is not a text of 1 to ${maxTextLength} characters`);
  }
  const until = terms.retainUntil;
  if (
    until !== undefined &&
    (!/^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(until) || Number.isNaN(Date.parse(until)))
  )
    fail("USAGE", { message: `retainUntil "${until}" is not a date`, next: 'Write it like "2030-12-31".' });
  return terms;
}

/** The inputs, checked; one version may appear in several roles. @throws USAGE · LIMIT */
export function checkInputs(inputs: readonly AssetInput[]): readonly AssetInput[] {
  if (inputs.length > maxInputs) fail("LIMIT", `A version names at most ${maxInputs} inputs`);
  const seen = new Set<string>();
  for (const { digest, role } of inputs) {
    if (!isDigest(digest)) fail("USAGE", `The input "${(digest as string).slice(0, 80)}" is not a version digest`);
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(role)) fail("USAGE", `"${role.slice(0, 80)}" is not a role of an input`);
    if (seen.has(`${digest} ${role}`)) fail("USAGE", `The input ${digest} is named twice as ${role}`);
    seen.add(`${digest} ${role}`);
  }
  return inputs.map(({ digest, role }) => ({ digest, role }));
}

/** The facts as they will be signed. @throws USAGE when they are not JSON or too long */
export function checkFacts(facts: { readonly [key: string]: unknown }): { readonly [key: string]: Json } {
  const text = canonicalJson(facts as { readonly [key: string]: Json });
  if (text.length > maxFactsLength)
    fail("USAGE", `The facts of a version are longer than ${maxFactsLength} characters`);
  return JSON.parse(text) as { readonly [key: string]: Json };
}

/** A reason given by a person, checked. @throws USAGE */
export function checkReason(why: string): string {
  const text = why.trim();
  if (text === "" || text.length > maxTextLength || !text.isWellFormed())
    fail("USAGE", {
      message: `The reason is not a text of 1 to ${maxTextLength} characters`,
      next: "Say why, in a sentence.",
    });
  return text;
}
