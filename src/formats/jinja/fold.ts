import type { Constant } from "./ast.ts";
import { combineKnown, constant, isKnown, printed } from "./values.ts";
import type { Value } from "./values.ts";

type Transform = (text: string, args: readonly Constant[]) => Constant | undefined;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
const titled = (text: string): string => text.replace(/\p{L}+/gu, capital);
const stripped =
  (ends: "left" | "right" | "both"): Transform =>
  (text, [chars]) => {
    const set = typeof chars === "string" ? new Set(chars) : undefined;
    const drop = (letter: string): boolean => (set ? set.has(letter) : /\s/.test(letter));
    let from = 0;
    let to = text.length;
    if (ends !== "right") while (from < to && drop(text[from]!)) from++;
    if (ends !== "left") while (to > from && drop(text[to - 1]!)) to--;
    return text.slice(from, to);
  };

/** Filters and methods on one text, by name. Filters pass their arguments the same way methods do. */
const onText = new Map<string, Transform>([
  ["upper", (text) => text.toUpperCase()],
  ["lower", (text) => text.toLowerCase()],
  ["casefold", (text) => text.toLowerCase()],
  ["title", titled],
  ["capitalize", capital],
  [
    "swapcase",
    (text) =>
      text.replace(/\p{L}/gu, (letter) =>
        letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
      ),
  ],
  ["strip", stripped("both")],
  ["trim", stripped("both")],
  ["lstrip", stripped("left")],
  ["rstrip", stripped("right")],
  ["string", (text) => text],
  ["safe", (text) => text],
  ["e", (text) => text],
  ["escape", (text) => text],
  ["forceescape", (text) => text],
  [
    "replace",
    (text, [from, to]) =>
      typeof from === "string" && typeof to === "string" ? text.replaceAll(from, () => to) : undefined,
  ],
  [
    "removeprefix",
    (text, [start]) => (typeof start === "string" && text.startsWith(start) ? text.slice(start.length) : text),
  ],
  [
    "removesuffix",
    (text, [end]) => (typeof end === "string" && text.endsWith(end) ? text.slice(0, text.length - end.length) : text),
  ],
  ["reverse", (text) => Array.from(text).reverse().join("")],
  ["first", (text) => Array.from(text)[0] ?? ""],
  ["last", (text) => Array.from(text).at(-1) ?? ""],
  ["length", (text) => text.length],
  ["count", (text, args) => (args.length === 0 ? text.length : undefined)],
  ["int", (text) => Number.parseInt(text, 10) || 0],
  ["startswith", (text, [start]) => (typeof start === "string" ? text.startsWith(start) : undefined)],
  ["endswith", (text, [end]) => (typeof end === "string" ? text.endsWith(end) : undefined)],
]);

/** The result of a text filter or method on known text, or undefined when it is not known. */
export function foldText(name: string, of: Value, args: readonly Value[]): Value | undefined {
  const transform = onText.get(name);
  if (!transform) return undefined;
  return combineKnown([of, ...args], ([text, ...rest]) =>
    typeof text === "string" ? transform(text, rest) : name === "string" ? printed(text ?? null) : undefined,
  );
}

/** The elements of a known list or text. */
export function elementsOf(value: Value): readonly Value[] | undefined {
  if (value.list) return value.nature === "constant" && !value.list.fuzzy ? value.list.items : undefined;
  if (value.fields && value.nature === "constant") return [...value.fields.keys()].map((key) => constant(key));
  const [only] = value.known;
  if (!isKnown(value) || value.known.length !== 1 || typeof only !== "string" || only.length > 256) return undefined;
  return Array.from(only).map((letter) => ({ ...value, known: [letter] }));
}

/** Known elements put together with a known separator. */
export function foldJoin(elements: readonly Value[], separator: Value): Value | undefined {
  if (elements.length > 256) return undefined;
  return combineKnown([separator, ...elements], ([between, ...parts]) =>
    parts.map((part) => printed(part)).join(printed(between!)),
  );
}

/** `left operator right` on constants. */
export function foldBinary(operator: string, left: Value, right: Value): Value | undefined {
  return combineKnown([left, right], ([a, b]) => {
    if (operator === "~") return printed(a!) + printed(b!);
    if (typeof a === "string" && typeof b === "string" && operator === "+") return a + b;
    if (typeof a === "string" && typeof b === "number" && operator === "*") {
      return b * a.length <= 4096 ? a.repeat(Math.max(0, Math.trunc(b))) : undefined;
    }
    if (typeof a === "string" && operator === "%") return formatPercent(a, [b!]);
    if (typeof a !== "number" || typeof b !== "number") return undefined;
    if (operator === "+") return a + b;
    if (operator === "-") return a - b;
    if (operator === "*") return a * b;
    if (operator === "/") return a / b;
    if (operator === "//") return Math.floor(a / b);
    if (operator === "%") return a - b * Math.floor(a / b);
    return operator === "**" && Math.abs(b) < 64 ? a ** b : undefined;
  });
}

/** Python's `template % values` for the conversions s, r, d, i, c and x without width; undefined for others. */
export function formatPercent(template: string, values: readonly Constant[]): string | undefined {
  let next = 0;
  let failed = false;
  const text = template.replace(/%([^%a-zA-Z]*)([%a-zA-Z])/g, (_, options: string, conversion: string) => {
    if (conversion === "%") return "%";
    const value = values[next++];
    if (value === undefined || options !== "") failed = true;
    else if (conversion === "c" && typeof value === "number") return String.fromCodePoint(codePoint(value));
    else if (conversion === "c" || conversion === "s") return printed(value);
    else if ((conversion === "d" || conversion === "i") && typeof value === "number") return String(Math.trunc(value));
    else if (conversion === "x" && typeof value === "number") return Math.trunc(value).toString(16);
    else failed = true;
    return "";
  });
  return failed || next !== values.length ? undefined : text;
}

/** Python's `template.format(…)` for plain fields and the conversion c; undefined for others. */
export function formatBraces(
  template: string,
  positional: readonly Constant[],
  named: ReadonlyMap<string, Constant>,
): string | undefined {
  let next = 0;
  let failed = false;
  const text = template.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (whole, field: string | undefined) => {
    if (field === undefined) return whole[0]!;
    const [name = "", option = ""] = field.split(":");
    const value = name === "" ? positional[next++] : /^[0-9]+$/.test(name) ? positional[Number(name)] : named.get(name);
    if (value === undefined || (option !== "" && option !== "c" && option !== "s" && option !== "d")) failed = true;
    else if (option === "c" && typeof value === "number") return String.fromCodePoint(codePoint(value));
    else return printed(value);
    return "";
  });
  return failed ? undefined : text;
}

function codePoint(value: number): number {
  return Number.isInteger(value) && value >= 0 && value <= 0x10ffff ? value : 0xfffd;
}

/** Python's slice of a text or list. */
export function sliceOf<T>(
  all: readonly T[],
  start: number | undefined,
  stop: number | undefined,
  step: number,
): readonly T[] {
  const length = all.length;
  const place = (value: number | undefined, standard: number): number =>
    value === undefined
      ? standard
      : Math.min(Math.max(value < 0 ? value + length : value, step < 0 ? -1 : 0), step < 0 ? length - 1 : length);
  const from = place(start, step < 0 ? length - 1 : 0);
  const to = place(stop, step < 0 ? -1 : length);
  const picked: T[] = [];
  for (let at = from; step < 0 ? at > to : at < to; at += step) picked.push(all[at]!);
  return picked;
}
