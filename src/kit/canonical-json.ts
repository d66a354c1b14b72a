import { fail } from "./errors.ts";

/** Anything JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

const maxDepth = 256;

/**
 * The JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, no white space, ECMAScript numbers.
 * Members whose value is `undefined` are left out.
 * @throws MALFORMED for numbers that are not finite, lone surrogates and nesting deeper than 256.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

function write(value: Json, depth: number): string {
  if (depth > maxDepth) fail("MALFORMED", "JSON is nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) fail("MALFORMED", `${value} cannot be written as JSON`);
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) fail("MALFORMED", "a string holds half a surrogate pair and cannot be written as JSON");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item: Json) => write(item, depth + 1)).join(",")}]`;
  const members = value as { readonly [key: string]: Json | undefined };
  const written: string[] = [];
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined) written.push(`${write(key, depth + 1)}:${write(member, depth + 1)}`);
  }
  return `{${written.join(",")}}`;
}
