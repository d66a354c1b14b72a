import { fail } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";

/** A field as it stands in the bytes. https://protobuf.dev/programming-guides/encoding/ */
export interface WireField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 3 group, 5 four bytes. */
  readonly wire: 0 | 1 | 2 | 3 | 5;
  /** Where its tag begins. */
  readonly offset: number;
  /** Its payload; for a varint the varint's own bytes. */
  readonly start: number;
  readonly end: number;
  /** The value of a varint (unsigned); 0 for the other kinds. */
  readonly value: number | bigint;
}

const deepestGroup = 32;

/**
 * The fields of the message between `start` and `end`, in stored order.
 * @throws MALFORMED for anything protobuf forbids: field number 0, unknown wire types, varints of more than ten bytes, lengths
 *   beyond the end, groups that do not close; LIMIT for groups nested more than 32 deep
 */
export function* wireFields(window: Window, start: number, end: number, meter: Meter): Generator<WireField, void> {
  let at = start;
  let rounds = 0;
  while (at < end) {
    if ((++rounds & 63) === 0) meter.tick();
    const field = readField(window, at, end, 0);
    if (field === undefined) broken("a group ends that did not begin", at);
    yield field;
    at = field.wire === 3 ? afterTag(window, field.end, end) : field.end;
  }
}

/** The field at `at`; undefined for the end of a group. */
function readField(window: Window, at: number, end: number, depth: number): WireField | undefined {
  const tag = varint(window, at, end);
  if (typeof tag.value === "bigint" || tag.value > 0xffffffff) broken("a tag is too large", at);
  const number = Math.floor(tag.value / 8);
  const wire = tag.value % 8;
  if (number === 0) broken("field number 0", at);
  const start = tag.next;
  switch (wire) {
    case 0: {
      const { value, next } = varint(window, start, end);
      return { number, wire, offset: at, start, end: next, value };
    }
    case 1:
    case 5: {
      const next = start + (wire === 1 ? 8 : 4);
      if (next > end) broken("a number is cut short", at);
      return { number, wire, offset: at, start, end: next, value: 0 };
    }
    case 2: {
      const { value, next } = varint(window, start, end);
      if (typeof value === "bigint" || next + value > end)
        broken(`a length of ${value} goes beyond the end of its message`, at);
      return { number, wire, offset: at, start: next, end: next + value, value: 0 };
    }
    case 3:
      return { number, wire, offset: at, start, end: groupEnd(window, start, end, number, depth), value: 0 };
    case 4:
      return undefined;
    default:
      return broken(`wire type ${wire}`, at);
  }
}

/** Where the end tag of the group begins. */
function groupEnd(window: Window, start: number, end: number, number: number, depth: number): number {
  if (depth >= deepestGroup) fail("LIMIT", `Groups are nested more than ${deepestGroup} deep`);
  let at = start;
  while (at < end) {
    const field = readField(window, at, end, depth + 1);
    if (field === undefined) {
      const { value } = varint(window, at, end);
      if (value === number * 8 + 4) return at;
      broken("a group ends under another number", at);
    }
    at = field.wire === 3 ? afterTag(window, field.end, end) : field.end;
  }
  return broken("a group does not end", start);
}

function afterTag(window: Window, at: number, end: number): number {
  return varint(window, at, end).next;
}

/** The varint at `at`: a number while it is exact, else a bigint (modulo 2^64). @throws MALFORMED */
export function varint(
  window: Window,
  at: number,
  end: number,
): { readonly value: number | bigint; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let index = at; index < at + 10; index++) {
    if (index >= end) broken("a varint is cut short", at);
    const byte = window.u8(index);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return { value: value <= Number.MAX_SAFE_INTEGER ? value : wide(window, at, index + 1), next: index + 1 };
    }
    scale *= 128;
  }
  return broken("a varint has more than ten bytes", at);
}

function wide(window: Window, start: number, end: number): bigint {
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(window.u8(at) & 0x7f);
  return BigInt.asUintN(64, value);
}

function broken(what: string, at: number): never {
  fail("MALFORMED", { message: `Not a protobuf message: ${what} (offset ${at})`, where: `offset ${at}` });
}
