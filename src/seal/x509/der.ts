import { fail } from "../../kit/errors.ts";

/** One DER element (X.690): tag octet and content; `raw` includes the tag and length octets. */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

/** Tags of the universal types certificates use. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/**
 * The elements that fill `bytes` exactly. Definite minimal lengths and single-octet tags only, which is all DER and
 * X.509 need.
 * @throws MALFORMED
 */
export function readDer(bytes: Uint8Array, what: string): Der[] {
  const elements: Der[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const tag = bytes[at++]!;
    let length = bytes[at++];
    if ((tag & 0x1f) === 0x1f || length === undefined) return malformed(what);
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 4 || at + octets > bytes.length) return malformed(what);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[at++]!;
      if (length < 0x80 || length < 256 ** (octets - 1)) return malformed(what);
    }
    const end = at + length;
    if (end > bytes.length) return malformed(what);
    elements.push({ tag, content: bytes.subarray(at, end), raw: bytes.subarray(start, end) });
    at = end;
  }
  return elements;
}

/** The one element that fills `bytes`, which must have `tag`. @throws MALFORMED */
export function readOne(bytes: Uint8Array, tag: number, what: string): Der {
  const [only, ...rest] = readDer(bytes, what);
  return only?.tag === tag && rest.length === 0 ? only : malformed(what);
}

/** An OBJECT IDENTIFIER's content in dotted form. @throws MALFORMED */
export function readOid(content: Uint8Array, what: string): string {
  const arcs: number[] = [];
  let value = 0;
  for (const [i, octet] of content.entries()) {
    value = value * 128 + (octet & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER / 256) return malformed(what);
    if (octet & 0x80) {
      if (i === content.length - 1) return malformed(what);
      continue;
    }
    if (arcs.length === 0) {
      const first = Math.min(Math.floor(value / 40), 2);
      arcs.push(first, value - first * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs.length > 0 ? arcs.join(".") : malformed(what);
}

/** Milliseconds since the epoch of a UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 restricts them. @throws MALFORMED */
export function readTime({ tag, content }: Der, what: string): number {
  const text = Buffer.from(content).toString("latin1");
  const parts =
    tag === derTags.utcTime
      ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
      : tag === derTags.generalizedTime
        ? /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text)
        : null;
  if (!parts) return malformed(what);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const century = tag === derTags.utcTime ? (year >= 50 ? 1900 : 2000) : 0;
  const date = new Date(0);
  date.setUTCFullYear(century + year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exact =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return exact ? date.getTime() : malformed(what);
}

function malformed(what: string): never {
  return fail("MALFORMED", `${what} is not valid DER`);
}
