import { fail } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";

/** A token of JSON as Python reads it, and where it starts. */
export interface Token {
  readonly kind: "{" | "}" | "[" | "]" | ":" | "," | "string" | "number" | "word" | "end";
  readonly text: string;
  readonly offset: number;
}

const longestString = 64 * 1024 * 1024;
const numberForm = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
/** RFC 8259's words and the three Python adds. */
const words = new Set(["true", "false", "null", "NaN", "Infinity", "-Infinity"]);

/**
 * The tokens of the UTF-8 text in `window` from `start`, the last being "end".
 * @throws MALFORMED at the first byte that Python's json would refuse; LIMIT for a string over 64 MiB
 */
export function* tokens(window: Window, start: number, meter: Meter): Generator<Token, void, void> {
  const end = window.size;
  let at = start;
  for (;;) {
    while (at < end && isSpace(window.u8(at))) at++;
    if (at >= end) {
      yield { kind: "end", text: "", offset: end };
      return;
    }
    meter.tick();
    const first = window.u8(at);
    const offset = at;
    if (first === 0x22) {
      at = closingQuote(window, at + 1) + 1;
      meter.hold(2 * (at - offset));
      yield { kind: "string", text: stringValue(window.bytes(offset, at - offset), offset), offset };
    } else if ("{}[]:,".includes(String.fromCharCode(first))) {
      at++;
      const mark = String.fromCharCode(first) as "{";
      yield { kind: mark, text: mark, offset };
    } else {
      while (at < end && at - offset < 5000 && isWordByte(window.u8(at))) at++;
      const text = Buffer.from(window.bytes(offset, at - offset)).toString("latin1");
      if (numberForm.test(text)) yield { kind: "number", text, offset };
      else if (words.has(text)) yield { kind: "word", text, offset };
      else notJson(offset);
    }
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isWordByte(byte: number): boolean {
  const folded = byte | 0x20;
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (folded >= 0x61 && folded <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

function closingQuote(window: Window, from: number): number {
  for (let at = from; at < window.size; at++) {
    const byte = window.u8(at);
    if (byte === 0x22) return at;
    if (byte < 0x20) notJson(at);
    if (byte === 0x5c) at++;
    if (at - from > longestString) fail("LIMIT", `The text at byte ${from - 1} is longer than ${longestString} bytes`);
  }
  return fail("MALFORMED", { message: "A text of the JSON has no end", where: `byte ${from - 1}` });
}

function stringValue(bytes: Uint8Array, offset: number): string {
  // Bytes that are no UTF-8 become U+FFFD: whoever refuses them loads nothing, and whoever does not reads the rest like this.
  const text = Buffer.from(bytes).toString("utf8");
  if (!text.includes("\\")) return text.slice(1, -1);
  try {
    return JSON.parse(text) as string;
  } catch {
    return notJson(offset);
  }
}

function notJson(offset: number): never {
  return fail("MALFORMED", { message: `This is not JSON at byte ${offset}`, where: `byte ${offset}` });
}
