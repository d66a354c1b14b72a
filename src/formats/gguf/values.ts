import { fail } from "../../kit/errors.ts";
import type { Flaw } from "../reading/flaw.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";

/** A value of the metadata. Arrays are walked, not kept; strings over 1 MiB are left in the file. */
export type GgufValue =
  | { readonly type: "number"; readonly value: number | bigint }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "string"; readonly offset: number; readonly length: number; readonly value: string | undefined }
  | { readonly type: "array"; readonly element: number; readonly count: number };

/** Reads the values of one file: knows its byte order and how wide its lengths are. */
export interface ValueReader {
  readonly window: Window;
  readonly meter: Meter;
  /** 4 in version 1, 8 since. */
  readonly lengthBytes: 4 | 8;
  flaw(flaw: Flaw): void;
}

/** Sizes of the fixed-size value types, by number; 8 is a string and 9 an array. */
const sizes: { readonly [type: number]: number } = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const stringType = 8;
const arrayType = 9;
/** Arrays in arrays: the specification allows them, no reader in use takes more than one level. */
const deepest = 4;
const longestKept = 1024 * 1024;

/** A length or count at `at`. @throws MALFORMED when it cannot be, which is also a flaw: readers have overflowed on it */
export function readLength(from: ValueReader, at: number, unit: number, what: string): number {
  const { window, lengthBytes } = from;
  const stated = lengthBytes === 8 ? window.u64(at) : BigInt(window.u32(at));
  const room = window.size - at - lengthBytes;
  if (stated * BigInt(unit) <= BigInt(room)) return Number(stated);
  from.flaw({
    rule: "length",
    severity: "high",
    why: `${what} is stated to be ${stated}, but only ${room} bytes follow: readers that trust it overflow`,
    offset: at,
    length: lengthBytes,
  });
  return fail("MALFORMED", {
    message: `${what} is stated to be ${stated}; only ${room} bytes follow`,
    where: `offset ${at}`,
  });
}

/** Where the string at `at` has its bytes. @throws MALFORMED */
export function readString(
  from: ValueReader,
  at: number,
  what: string,
): { offset: number; length: number; next: number } {
  const length = readLength(from, at, 1, what);
  const offset = at + from.lengthBytes;
  return { offset, length, next: offset + length };
}

/** The value of `type` at `at`, and where the next thing begins. @throws MALFORMED, LIMIT */
export function readValue(from: ValueReader, type: number, at: number, depth = 0): { value: GgufValue; next: number } {
  const { window, meter } = from;
  if (type === stringType) {
    const { offset, length, next } = readString(from, at, "a string's length");
    const keep = depth === 0 && length <= longestKept;
    if (keep) meter.hold(2 * length);
    const value = keep ? Buffer.from(window.bytes(offset, length)).toString("utf8") : undefined;
    return { value: { type: "string", offset, length, value }, next };
  }
  if (type === arrayType) return readArray(from, at, depth);
  const size = sizes[type] ?? unknownType(from, type, at);
  return { value: scalar(from, type, at), next: at + size };
}

function readArray(from: ValueReader, at: number, depth: number): { value: GgufValue; next: number } {
  if (depth >= deepest) fail("LIMIT", `Arrays are nested more than ${deepest} deep`);
  const element = from.window.u32(at);
  const size = sizes[element];
  const least = size ?? (element === stringType ? from.lengthBytes : element === arrayType ? 4 + from.lengthBytes : 0);
  if (least === 0) unknownType(from, element, at);
  const count = readLength(from, at + 4, least, "an array's length");
  let next = at + 4 + from.lengthBytes;
  if (size === undefined) {
    for (let index = 0; index < count; index++) {
      from.meter.tick();
      next =
        element === stringType
          ? readString(from, next, "a string's length").next
          : readValue(from, element, next, depth + 1).next;
    }
  } else next += size * count;
  return { value: { type: "array", element, count }, next };
}

function scalar(from: ValueReader, type: number, at: number): GgufValue {
  const { window } = from;
  if (type === 7) {
    const byte = window.u8(at);
    if (byte > 1) from.flaw({ rule: "boolean", severity: "low", why: `a boolean has the value ${byte}`, offset: at });
    return { type: "boolean", value: byte !== 0 };
  }
  const value =
    type === 0
      ? window.u8(at)
      : type === 1
        ? (window.u8(at) << 24) >> 24
        : type === 2
          ? window.u16(at)
          : type === 3
            ? (window.u16(at) << 16) >> 16
            : type === 4
              ? window.u32(at)
              : type === 5
                ? window.i32(at)
                : type === 6
                  ? window.f32(at)
                  : type === 10
                    ? window.u64(at)
                    : type === 11
                      ? window.i64(at)
                      : window.f64(at);
  return { type: "number", value };
}

function unknownType(from: ValueReader, type: number, at: number): never {
  from.flaw({ rule: "value-type", severity: "high", why: `value type ${type} does not exist`, offset: at });
  return fail("MALFORMED", { message: `Value type ${type} does not exist`, where: `offset ${at}` });
}
