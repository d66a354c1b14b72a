import { fail } from "../../kit/errors.ts";

/** A value that a Python literal can write. Tuples and lists differ, because NumPy treats them differently. */
export type Literal =
  | string
  | number
  | bigint
  | boolean
  | null
  | { readonly list: readonly Literal[] }
  | { readonly tuple: readonly Literal[] }
  | { readonly dict: readonly (readonly [Literal, Literal])[] };

const deepest = 32;
const mostValues = 100_000;
const escapes: { readonly [letter: string]: string } = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/**
 * The value of a Python literal as `ast.literal_eval` reads it: strings, whole numbers, True, False, None, lists, tuples and
 * dictionaries, nothing that could be called or looked up.
 * @throws MALFORMED for anything else; LIMIT beyond 32 levels or 100,000 values
 */
export function parseLiteral(text: string): Literal {
  let at = 0;
  let values = 0;

  function space(): void {
    while (at < text.length && " \t\r\n\f".includes(text[at]!)) at++;
  }
  function wrong(): never {
    fail("MALFORMED", {
      message: `Not a plain Python literal: ${JSON.stringify(text.slice(at, at + 40))} at character ${at}`,
      where: `character ${at}`,
    });
  }
  function value(depth: number): Literal {
    if (depth > deepest || ++values > mostValues) fail("LIMIT", "The literal is too deep or too long");
    space();
    const first = text[at];
    if (first === undefined) wrong();
    if (first === "{") return dict(depth);
    if (first === "[") return { list: items("]", depth).values };
    if (first === "(") {
      const inner = items(")", depth);
      return inner.values.length === 1 && !inner.comma ? inner.values[0]! : { tuple: inner.values };
    }
    const word = /^(?:True|False|None)\b/.exec(text.slice(at, at + 6))?.[0];
    if (word) {
      at += word.length;
      return word === "None" ? null : word === "True";
    }
    const number = /^-?(?:0[xX][0-9a-fA-F]{1,16}|0[oO][0-7]{1,22}|0[bB][01]{1,64}|[0-9]{1,40})[lL]?(?![\w.])/.exec(
      text.slice(at, at + 80),
    )?.[0];
    if (number) {
      at += number.length;
      const digits = number.replace(/[lL]$/, "");
      const big = digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
      return Number.isSafeInteger(Number(big)) ? Number(big) : big;
    }
    let joined = string();
    for (space(); isString(); space()) joined += string();
    return joined;
  }
  function items(close: string, depth: number): { values: Literal[]; comma: boolean } {
    at++;
    const found: Literal[] = [];
    let comma = false;
    for (space(); text[at] !== close; space()) {
      if (found.length > 0 && !comma) wrong();
      found.push(value(depth + 1));
      space();
      comma = text[at] === ",";
      if (comma) at++;
    }
    at++;
    return { values: found, comma };
  }
  function dict(depth: number): Literal {
    at++;
    const found: [Literal, Literal][] = [];
    let comma = true;
    for (space(); text[at] !== "}"; space()) {
      if (!comma) wrong();
      const key = value(depth + 1);
      space();
      if (text[at++] !== ":") wrong();
      found.push([key, value(depth + 1)]);
      space();
      comma = text[at] === ",";
      if (comma) at++;
    }
    at++;
    return { dict: found };
  }
  function isString(): boolean {
    return /^[uUbB]?["']/.test(text.slice(at, at + 2));
  }
  function string(): string {
    if (!isString()) wrong();
    if (text[at] !== '"' && text[at] !== "'") at++;
    const quote = text[at++]!;
    if (text.startsWith(quote + quote, at)) {
      if (text[at + 2] !== quote) {
        at++;
        return "";
      }
      wrong(); // triple quotes never occur in headers
    }
    let result = "";
    for (;;) {
      const letter = text[at];
      if (letter === undefined || letter === "\n") wrong();
      at++;
      if (letter === quote) return result;
      result += letter === "\\" ? escape() : letter;
    }
  }
  function escape(): string {
    const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/.exec(
      text.slice(at, at + 9),
    );
    if (coded) {
      at += coded[0].length;
      const code = coded[4]
        ? Number.parseInt(coded[4], 8)
        : Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? "", 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : wrong();
    }
    const letter = text[at++] ?? wrong();
    return Object.hasOwn(escapes, letter) ? escapes[letter]! : `\\${letter}`;
  }

  const result = value(0);
  space();
  if (at < text.length) wrong();
  return result;
}
