import { textOf } from "./bytes.ts";
import type { Json } from "./canonical-json.ts";
import { fail } from "./errors.ts";

export type JsonObject = { readonly [key: string]: Json | undefined };

/** Parses JSON text or strict UTF-8 bytes no longer than `limit` bytes. @throws MALFORMED naming `what`; LIMIT */
export function parseJson(input: string | Uint8Array, what: string, limit = 64 * 1024 * 1024): Json {
  if (input.length > limit) fail("LIMIT", `${what} is larger than ${limit} bytes`);
  const text = typeof input === "string" ? input : textOf(input, what);
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    return fail("MALFORMED", { message: `${what} is not valid JSON: ${(cause as Error).message}`, cause });
  }
}

/** True for a JSON object (neither array nor null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` as an object. @throws MALFORMED naming `what` */
export function jsonObject(value: unknown, what: string): JsonObject {
  return isJsonObject(value) ? value : fail("MALFORMED", `${what} is not a JSON object`);
}

/** `value` as a string. @throws MALFORMED naming `what` */
export function jsonString(value: unknown, what: string): string {
  return typeof value === "string" ? value : fail("MALFORMED", `${what} is not a string`);
}

/** `value` as an array. @throws MALFORMED naming `what` */
export function jsonArray(value: unknown, what: string): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : fail("MALFORMED", `${what} is not an array`);
}
