import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import { type Digest, isDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { parseJson } from "../kit/json.ts";

// Checks for single column values, used in both directions: on what a caller hands in (MALFORMED, LIMIT) and, through
// `stored`, on what a database hands back (INTEGRITY). Free text lives in JSON columns, where U+0000 is written \u0000;
// the plain text columns are identifiers and refuse it, because PostgreSQL cannot store it and SQLite would cut at it.

const maxIdentifierBytes = 2000;
const maxJsonLength = 64 * 1024 * 1024;
const maxBytes = 128 * 1024 * 1024;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Runs a reader over database values. @throws INTEGRITY when they are not what was once written */
export function stored<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    return fail("INTEGRITY", {
      message: `The store holds a damaged ${what}: ${(cause as Error).message}`,
      next: "Something other than Castellan changed the store. Restore it from a backup.",
      cause,
    });
  }
}

/** Text that both databases can store, compare and (up to 2,000 bytes) index: no U+0000, well formed. @throws MALFORMED, LIMIT */
export function identifier(value: unknown, what: string, maxLength = maxIdentifierBytes): string {
  if (typeof value !== "string") fail("MALFORMED", `${what} is not text`);
  if (value.includes("\0") || !value.isWellFormed())
    fail("MALFORMED", `${what} holds a NUL character or half a surrogate pair`);
  if (Buffer.byteLength(value) > maxLength) fail("LIMIT", `${what} is longer than ${maxLength} bytes`);
  return value;
}

/** @throws MALFORMED */
export function digest(value: unknown, what: string): Digest {
  return isDigest(value) ? value : fail("MALFORMED", `${what} is not a digest`);
}

/** A digest, or undefined for null and undefined. @throws MALFORMED */
export function optionalDigest(value: unknown, what: string): Digest | undefined {
  return value === null || value === undefined ? undefined : digest(value, what);
}

/** An RFC 3339 date-time as text. @throws MALFORMED */
export function moment(value: unknown, what: string): string {
  return typeof value === "string" && rfc3339.test(value)
    ? value
    : fail("MALFORMED", `${what} is not an RFC 3339 date and time`);
}

/** A whole number from 0 to 2^53-1; PostgreSQL hands 64-bit integers back as text. @throws MALFORMED */
export function count(value: unknown, what: string): number {
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0
    ? number
    : fail("MALFORMED", `${what} is not a whole number`);
}

/** One of `choices`. @throws MALFORMED */
export function choice<const T extends string>(value: unknown, choices: readonly T[], what: string): T {
  return choices.find((each) => each === value) ?? fail("MALFORMED", `${what} is not one of ${choices.join(", ")}`);
}

/** Plain bytes (never a Buffer). @throws MALFORMED; LIMIT above 128 MiB */
export function bytes(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) fail("MALFORMED", `${what} is not bytes`);
  if (value.length > maxBytes) fail("LIMIT", `${what} is larger than ${maxBytes} bytes`);
  return value.constructor === Uint8Array ? value : new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/** Bytes, or undefined for null and undefined. @throws MALFORMED, LIMIT */
export function optionalBytes(value: unknown, what: string): Uint8Array | undefined {
  return value === null || value === undefined ? undefined : bytes(value, what);
}

/** The text of a JSON column. @throws MALFORMED for what JSON cannot carry unchanged; LIMIT above 64 Mi characters */
export function jsonText(value: unknown, what: string): string {
  const text = canonicalJson(plain(value, what, 0));
  if (text.length > maxJsonLength) fail("LIMIT", `${what} is larger than ${maxJsonLength} characters`);
  return text;
}

/** The value of a JSON column. @throws MALFORMED, LIMIT */
export function jsonValue(value: unknown, what: string): Json {
  return typeof value === "string" ? parseJson(value, what, maxJsonLength) : fail("MALFORMED", `${what} is not text`);
}

/** Refuses what JSON.stringify would silently change: dates, maps, class instances, functions, big integers. */
function plain(value: unknown, what: string, depth: number): Json {
  if (depth > 256) fail("MALFORMED", `${what} is nested too deeply`);
  if (Array.isArray(value)) {
    for (const item of value) plain(item, what, depth + 1);
  } else if (typeof value === "object" && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      fail("MALFORMED", `${what} holds an object JSON cannot carry`);
    for (const member of Object.values(value)) if (member !== undefined) plain(member, what, depth + 1);
  } else if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
    fail("MALFORMED", `${what} holds a ${typeof value}, which JSON cannot carry`);
  }
  return value as Json;
}
