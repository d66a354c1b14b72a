import { CST, isMap, isPair, isScalar, isSeq, Lexer, parseDocument } from "yaml";
import type { Node } from "yaml";
import type { Json } from "../../kit/canonical-json.ts";
import { fail } from "../../kit/errors.ts";
import type { Path } from "../schema/check.ts";
import { pointerOf } from "../schema/path.ts";
import { clipped, spotter } from "./spot.ts";
import type { Spot } from "./spot.ts";

/** How much a hand-written file may hold. A file beyond this is not a configuration but an attack. */
export interface YamlLimits {
  /** UTF-16 code units of text. */
  readonly length: number;
  readonly tokens: number;
  readonly depth: number;
}

export const configLimits: YamlLimits = { length: 256 * 1024, tokens: 60_000, depth: 32 };

/** A document as plain JSON, and where in the text each of its values and keys stands. */
export interface LoadedYaml {
  readonly value: Json;
  /** The spot of the value at `path`, or of its key; of the nearest enclosing value when there is none. */
  spot(path: Path, about: "key" | "value"): Spot;
}

/** Token kinds the lexer inserts between source tokens: they take no room in the text. */
const marks = new Set(["\u0002", "\u0018", "\u001f"]);

/**
 * Reads one YAML 1.2 (core schema) or JSON document into plain JSON values.
 * Refused: anchors, aliases, tags and directives (a reader of policies must see what it says without executing it), duplicate
 * and non-text keys, several documents, numbers JSON cannot hold, and anything beyond `limits`.
 * @param where name of the file, for messages
 * @throws CONFIG with `where` = file:line:column; LIMIT when it is too large
 */
export function loadYaml(text: string, where: string, limits: YamlLimits = configLimits): LoadedYaml {
  if (text.length > limits.length) {
    fail("LIMIT", { message: `the file is larger than ${limits.length} characters`, where });
  }
  const spotOf = spotter(text);
  const refuse = (offset: number, message: string, next?: string): never => {
    const { line, column } = spotOf(offset);
    return fail("CONFIG", { message, where: `${where}:${line}:${column}`, next });
  };
  scanTokens(text, limits, refuse);
  const document = parse(text, where);
  const problem = document.errors[0];
  if (problem) refuse(problem.pos[0], `not valid YAML: ${clipped(problem.message)}`, hintFor(text, problem.pos[0]));

  const spots = new Map<string, { key: number; value: number }>();
  const value = valueOf(document.contents, [], 0);
  return {
    value,
    spot(path, about) {
      for (let length = path.length; length >= 0; length--) {
        const found = spots.get(pointerOf(path.slice(0, length)));
        if (found) return spotOf(length === path.length ? found[about] : found.value);
      }
      return { line: 1, column: 1 };
    },
  };

  function valueOf(node: Node | null, path: Path, keyOffset: number): Json {
    const offset = node?.range?.[0] ?? keyOffset;
    if (path.length > limits.depth) refuse(offset, `values are nested more than ${limits.depth} deep`);
    spots.set(pointerOf(path), { key: keyOffset, value: offset });
    if (node === null) return null;
    if (isScalar(node)) return scalarOf(node.value, offset);
    if (isSeq(node)) return node.items.map((item, index) => valueOf(item as Node | null, [...path, index], offset));
    if (!isMap(node)) return refuse(offset, "this kind of value cannot be used here");
    const members = new Map<string, Json>();
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key) || typeof pair.key.value !== "string") {
        const at = (pair.key as Node | null)?.range?.[0] ?? offset;
        return refuse(at, "a key must be text", "Put the key in quotes.");
      }
      const key = pair.key.value;
      const at = pair.key.range?.[0] ?? offset;
      if (members.has(key)) refuse(at, `key ${JSON.stringify(clipped(key))} appears twice`, "Remove one of the two.");
      members.set(key, valueOf(pair.value as Node | null, [...path, key], at));
    }
    // fromEntries defines own members even for names such as "__proto__".
    return Object.fromEntries(members);
  }

  function scalarOf(value: unknown, offset: number): Json {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value !== "number") return refuse(offset, "this kind of value cannot be used here");
    if (!Number.isFinite(value)) refuse(offset, "infinity and not-a-number cannot be used here");
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      refuse(offset, "this number is too large to be kept exactly", "Put it in quotes if it is a name.");
    }
    return value;
  }
}

/** Refuses, before anything is built, what could make the parser work hard or make the text mean something hidden. */
function scanTokens(
  text: string,
  limits: YamlLimits,
  refuse: (offset: number, message: string, next?: string) => never,
): void {
  let offset = 0;
  let tokens = 0;
  let depth = 0;
  for (const token of new Lexer().lex(text)) {
    if (marks.has(token)) continue;
    const type = CST.tokenType(token);
    if (++tokens > limits.tokens) refuse(offset, `the file has more than ${limits.tokens} tokens`);
    if (type === "anchor" || type === "alias") {
      refuse(
        offset,
        `anchors and aliases ("${clipped(token)}") are not allowed`,
        "Write the value out, or put it in quotes if it is text.",
      );
    }
    if (type === "tag")
      refuse(
        offset,
        `tags ("${clipped(token)}") are not allowed`,
        'If it is text or an operator, put it in quotes: "!=".',
      );
    if (type === "directive-line") refuse(offset, "directives are not allowed", "Remove the line.");
    if (type === "flow-map-start" || type === "flow-seq-start") depth++;
    if (type === "flow-map-end" || type === "flow-seq-end") depth--;
    if (depth > limits.depth) refuse(offset, `values are nested more than ${limits.depth} deep`);
    offset += token.length;
  }
}

function parse(text: string, where: string): ReturnType<typeof parseDocument> {
  try {
    // Unique keys are checked above with a set: the library's own check compares every pair.
    return parseDocument(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
    });
  } catch (cause) {
    return fail("CONFIG", { message: "not valid YAML", where, cause });
  }
}

/** An unquoted ">" starts folded text in YAML: the mistake everyone makes with comparison operators. */
function hintFor(text: string, offset: number): string | undefined {
  const [line = ""] = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1);
  return /:\s*[>|]/.test(line) ? 'Put operators in quotes: op: ">=".' : undefined;
}
