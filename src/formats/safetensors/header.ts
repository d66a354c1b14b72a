import { fail } from "../../kit/errors.ts";
import type { Flaw } from "../reading/flaw.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";
import { jsonTokens } from "./json-tokens.ts";
import type { JsonToken } from "./json-tokens.ts";

/** A tensor as the header states it; `begin` and `end` count from the first byte after the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  /** Where its name stands in the file. */
  readonly offset: number;
}

/** What the header says, and which rules it breaks. */
export interface SafetensorsHeader {
  readonly tensors: readonly SafetensorsEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

const mostTensors = 125_000;
const mostDimensions = 64;
const mostMetadata = 100_000;

/**
 * Reads the JSON object between `start` and `end`. Rules that can be broken while the text stays readable become flaws.
 * @throws MALFORMED when the text is not such an object; LIMIT for more than 125,000 tensors
 */
export function readHeader(
  window: Window,
  start: number,
  end: number,
  meter: Meter,
  flaw: (flaw: Flaw) => void,
): SafetensorsHeader {
  const tokens = jsonTokens(window, start, end, meter);
  const next = (): JsonToken => tokens.next().value ?? fail("MALFORMED", "The header ends too early");
  const expect = (kind: JsonToken["kind"]): JsonToken => {
    const token = next();
    return token.kind === kind ? token : unexpected(token, kind);
  };
  /** Calls `each` for every member of the object whose "{" was read; the offset of its "}". */
  const members = (each: (key: JsonToken) => void): number => {
    const keys = new Set<string>();
    let token = next();
    while (token.kind !== "}") {
      if (token.kind !== "string") unexpected(token, "a name");
      if (keys.has(token.text)) {
        flaw({
          rule: "duplicate-key",
          severity: "high",
          why: `the header names ${JSON.stringify(short(token.text))} twice, and readers differ in which of the two they take`,
          offset: token.offset,
        });
      }
      keys.add(token.text);
      expect(":");
      each(token);
      token = next();
      if (token.kind === ",") {
        token = next();
        if (token.kind === "}") unexpected(token, "a name");
      } else if (token.kind !== "}") unexpected(token, "}");
    }
    return token.offset;
  };
  const integers = (most: number): number[] => {
    expect("[");
    const values: number[] = [];
    for (let token = next(); token.kind !== "]"; ) {
      const value = token.kind === "number" && /^[0-9]+$/.test(token.text) ? Number(token.text) : Number.NaN;
      if (!Number.isSafeInteger(value)) {
        flaw({
          rule: "bad-integer",
          severity: "high",
          why: `${short(token.text)} stands where a whole number from 0 to 2^53 is required`,
          offset: token.offset,
        });
        if (token.kind !== "number") unexpected(token, "a number");
      }
      values.push(value);
      if (values.length > most) fail("LIMIT", `A list of the header has more than ${most} numbers`);
      token = next();
      if (token.kind === ",") {
        token = next();
        if (token.kind === "]") unexpected(token, "a number");
      } else if (token.kind !== "]") unexpected(token, "]");
    }
    return values;
  };

  const tensors: SafetensorsEntry[] = [];
  const metadata = new Map<string, string>();
  expect("{");
  const close = members((name) => {
    expect("{");
    if (name.text === "__metadata__") {
      members((key) => {
        const value = next();
        if (value.kind !== "string") {
          flaw({
            rule: "metadata-not-text",
            severity: "high",
            why: `the value of ${JSON.stringify(short(key.text))} in __metadata__ is not a string`,
            offset: value.offset,
          });
          unexpected(value, "a string");
        }
        meter.hold(2 * (key.text.length + value.text.length) + 100);
        if (metadata.size >= mostMetadata) fail("LIMIT", `__metadata__ has more than ${mostMetadata} entries`);
        metadata.set(key.text, value.text);
      });
      return;
    }
    if (tensors.length >= mostTensors) fail("LIMIT", `The header names more than ${mostTensors} tensors`);
    meter.hold(800 + 2 * name.text.length);
    let dtype: string | undefined;
    let shape: number[] | undefined;
    let offsets: number[] | undefined;
    members((key) => {
      if (key.text === "dtype") dtype = expect("string").text;
      else if (key.text === "shape") shape = integers(mostDimensions);
      else if (key.text === "data_offsets") offsets = integers(2);
      else {
        flaw({
          rule: "unknown-field",
          severity: "medium",
          why: `tensor ${JSON.stringify(short(name.text))} has a field ${JSON.stringify(short(key.text))} that the format does not know`,
          offset: key.offset,
        });
        skipValue(next, meter);
      }
    });
    if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
      fail("MALFORMED", `Tensor ${JSON.stringify(short(name.text))} lacks its dtype, shape or data_offsets`);
    }
    tensors.push({ name: name.text, dtype, shape, begin: offsets[0]!, end: offsets[1]!, offset: name.offset });
  });
  const rest = next();
  if (rest.kind !== "end") {
    fail("MALFORMED", { message: "Something follows the header's object", where: `offset ${rest.offset}` });
  }
  for (let at = close + 1; at < end; at++) {
    if (window.u8(at) === 0x20) continue;
    flaw({
      rule: "header-padding",
      severity: "medium",
      why: "the header is padded with something other than spaces",
      offset: at,
    });
    break;
  }
  return { tensors, metadata };
}

/** Reads past one JSON value of any kind, without recursion. */
function skipValue(next: () => JsonToken, meter: Meter): void {
  let depth = 0;
  do {
    meter.tick();
    const { kind } = next();
    if (kind === "{" || kind === "[") depth++;
    else if (kind === "}" || kind === "]") depth--;
    else if (kind === "end") fail("MALFORMED", "The header ends inside a value");
  } while (depth > 0);
}

function short(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

function unexpected(token: JsonToken, wanted: string): never {
  fail("MALFORMED", {
    message: `The header has ${token.kind === "end" ? "its end" : JSON.stringify(short(token.text))} where ${wanted} belongs`,
    where: `offset ${token.offset}`,
  });
}
