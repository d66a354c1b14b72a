import { fail } from "../../kit/errors.ts";

/** A token of a template. `data` is text outside tags; `open`/`close` are `{{ }}` and `{% %}`. */
export interface Token {
  readonly kind: "data" | "open" | "close" | "name" | "string" | "number" | "operator" | "end";
  /** The value of data and strings, the spelling of everything else ("{{" and "}}" for every delimiter of outputs). */
  readonly text: string;
  readonly at: number;
}

const longestTemplate = 1024 * 1024;
const word = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const number =
  /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|(?:[0-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?/y;
const operator = /\/\/|\*\*|[=!<>]=|[-+*/%~()[\]{}<>=.:|,;]/y;
const rawEnd = /\{%[-+]?\s*endraw\s*[-+]?%\}/g;
const rawStart = /\{%[-+]?\s*raw\s*[-+]?%\}/y;
const openers: { readonly [bracket: string]: string } = { "(": ")", "[": "]", "{": "}" };
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
 * Cuts a template into tokens as Jinja does with its default delimiters: comments vanish, raw blocks are data, `}}` closes
 * only when no bracket is open. Source: https://jinja.palletsprojects.com/en/stable/templates/
 * @throws MALFORMED; LIMIT over 1 Mi characters
 */
export function tokenize(text: string): readonly Token[] {
  if (text.length > longestTemplate) fail("LIMIT", `The template is longer than ${longestTemplate} characters`);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = nextTag(text, at);
    if (start > at) tokens.push({ kind: "data", text: text.slice(at, start), at });
    if (start >= text.length) break;
    if (text.startsWith("{#", start)) {
      const end = text.indexOf("#}", start + 2);
      if (end < 0) wrong("A comment has no end", start);
      at = end + 2;
      continue;
    }
    rawStart.lastIndex = start;
    const raw = rawStart.exec(text);
    if (raw) {
      rawEnd.lastIndex = start + raw[0].length;
      const end = rawEnd.exec(text);
      if (!end) wrong("A raw block has no end", start);
      tokens.push({ kind: "data", text: text.slice(start + raw[0].length, end.index), at: start + raw[0].length });
      at = end.index + end[0].length;
      continue;
    }
    at = tag(text, start, tokens);
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function nextTag(text: string, from: number): number {
  for (let at = text.indexOf("{", from); at >= 0; at = text.indexOf("{", at + 1)) {
    const next = text[at + 1];
    if (next === "{" || next === "%" || next === "#") return at;
  }
  return text.length;
}

/** Reads one `{{ … }}` or `{% … %}` and returns where it ends. */
function tag(text: string, start: number, tokens: Token[]): number {
  const opener = text.slice(start, start + 2);
  const closer = opener === "{{" ? "}}" : "%}";
  tokens.push({ kind: "open", text: opener, at: start });
  let at = start + 2;
  if (text[at] === "-" || text[at] === "+") at++;
  const brackets: string[] = [];
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at++;
    if (at >= text.length) wrong(`A ${opener} has no end`, start);
    if (brackets.length === 0) {
      const sign = (text[at] === "-" || text[at] === "+") && text.startsWith(closer, at + 1) ? 1 : 0;
      if (text.startsWith(closer, at + sign)) {
        tokens.push({ kind: "close", text: closer, at });
        return at + sign + 2;
      }
    }
    const first = text[at]!;
    if (first === "'" || first === '"') {
      at = string(text, at, tokens);
      continue;
    }
    const found = match(number, text, at) ?? match(word, text, at) ?? match(operator, text, at);
    if (found === undefined) wrong(`Unexpected ${JSON.stringify(first)}`, at);
    const kind = /[0-9]/.test(first) ? "number" : /[\p{ID_Start}_]/u.test(found) ? "name" : "operator";
    if (kind === "operator") {
      if (openers[found]) brackets.push(openers[found]);
      else if (")]}".includes(found) && brackets.pop() !== found) wrong(`Unexpected ${found}`, at);
    }
    tokens.push({ kind, text: found, at });
    at += found.length;
  }
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] || undefined;
}

function string(text: string, start: number, tokens: Token[]): number {
  const quote = text[start];
  let value = "";
  let at = start + 1;
  for (;;) {
    const letter = text[at];
    if (letter === undefined) wrong("A string has no end", start);
    if (letter === quote) break;
    at++;
    if (letter !== "\\") {
      value += letter;
      continue;
    }
    const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/.exec(
      text.slice(at, at + 9),
    );
    if (coded) {
      const code = coded[4]
        ? Number.parseInt(coded[4], 8)
        : Number.parseInt(coded[1] ?? coded[2] ?? coded[3] ?? "", 16);
      if (code > 0x10ffff) wrong("An escape names no character", at);
      value += String.fromCodePoint(code);
      at += coded[0].length;
    } else {
      const next = text[at] ?? wrong("A string has no end", start);
      if (next === "N" && text[at + 1] === "{") {
        fail("UNSUPPORTED", {
          message: "The template writes a character by its Unicode name (\\N{…})",
          where: `character ${at}`,
        });
      }
      value += Object.hasOwn(escapes, next) ? escapes[next]! : `\\${next}`;
      at++;
    }
  }
  tokens.push({ kind: "string", text: value, at: start });
  return at + 1;
}

function wrong(what: string, at: number): never {
  fail("MALFORMED", { message: `${what} at character ${at} of the template`, where: `character ${at}` });
}
