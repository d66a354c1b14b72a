import { textOf } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";

/** A JSON token (RFC 8259) and where it starts. `text` is a string's value, a number's literal, or the word itself. */
export interface JsonToken {
  readonly kind: "{" | "}" | "[" | "]" | ":" | "," | "string" | "number" | "word" | "end";
  readonly text: string;
  readonly offset: number;
}

const longestString = 16 * 1024 * 1024;
const punctuation = new Set([0x7b, 0x7d, 0x5b, 0x5d, 0x3a, 0x2c]);
const numberForm = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

/**
 * The tokens of the JSON text in `window` from `start` to `end`, one at a time, so that a header of 100 MB is never held and
 * duplicate keys stay visible. The last token is "end".
 * @throws MALFORMED at the first byte that is not JSON; LIMIT for a string over 16 MiB
 */
export function* jsonTokens(window: Window, start: number, end: number, meter: Meter): Generator<JsonToken, void> {
  let at = start;
  for (;;) {
    while (at < end && isSpace(window.u8(at))) at++;
    if (at >= end) {
      yield { kind: "end", text: "", offset: end };
      return;
    }
    meter.tick();
    const first = window.u8(at);
    if (punctuation.has(first)) {
      const mark = String.fromCharCode(first) as "{";
      yield { kind: mark, text: mark, offset: at };
      at++;
    } else if (first === 0x22) {
      const close = closingQuote(window, at + 1, end);
      yield { kind: "string", text: stringValue(window, at, close), offset: at };
      at = close + 1;
    } else {
      const from = at;
      while (at < end && at - from < 400 && isWordByte(window.u8(at))) at++;
      const text = String.fromCharCode(...window.bytes(from, at - from));
      if (numberForm.test(text)) yield { kind: "number", text, offset: from };
      else if (text === "true" || text === "false" || text === "null") yield { kind: "word", text, offset: from };
      else notJson(from);
    }
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

function closingQuote(window: Window, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = window.u8(at);
    if (byte === 0x22) return at;
    if (byte < 0x20) notJson(at);
    if (byte === 0x5c) at++;
    if (at - from > longestString)
      fail("LIMIT", `The string at offset ${from - 1} is longer than ${longestString} bytes`);
  }
  return fail("MALFORMED", { message: "A string of the JSON header has no end", where: `offset ${from - 1}` });
}

function stringValue(window: Window, open: number, close: number): string {
  const bytes = window.bytes(open, close + 1 - open);
  const text = textOf(bytes, "The JSON header");
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return notJson(open);
  }
}

function notJson(offset: number): never {
  fail("MALFORMED", { message: `The header is not JSON at offset ${offset}`, where: `offset ${offset}` });
}
