import { fail } from "../../kit/errors.ts";
import type { Arguments, BinaryOperator, Constant, Expression, Target } from "./ast.ts";
import type { Token } from "./tokens.ts";

const deepest = 120;
const mostNodes = 200_000;
const constants = new Map<string, Constant>([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
  ["none", null],
  ["None", null],
]);
const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** Reads expressions from a list of tokens; the statement parser builds on it. */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #nodes = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#next]!;
  }

  advance(): Token {
    const token = this.token;
    if (token.kind !== "end") this.#next++;
    return token;
  }

  is(kind: Token["kind"], text?: string): boolean {
    return this.token.kind === kind && (text === undefined || this.token.text === text);
  }

  /** Takes the token when it is the one named. */
  take(kind: Token["kind"], text?: string): boolean {
    if (!this.is(kind, text)) return false;
    this.advance();
    return true;
  }

  expect(kind: Token["kind"], text?: string): Token {
    return this.is(kind, text) ? this.advance() : this.wrong(text ?? kind);
  }

  wrong(wanted: string): never {
    const { text, at, kind } = this.token;
    return fail("MALFORMED", {
      message: `The template has ${kind === "end" ? "its end" : JSON.stringify(text.slice(0, 40))} at character ${at} where ${wanted} belongs`,
      where: `character ${at}`,
    });
  }

  /** Counts a level of nesting while `parse` runs. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > deepest) fail("LIMIT", `The template is nested more than ${deepest} deep`);
    const result = parse();
    this.#depth--;
    return result;
  }

  /** An expression with a choice (`a if b else c`), unless `plain`. */
  expression(plain = false): Expression {
    return this.nested(() => {
      let value = this.#binary(0);
      let chain = 0;
      if (plain) return value;
      while (this.is("name", "if")) {
        const { at } = this.advance();
        if (++chain > deepest) fail("LIMIT", "A choice is chained too often");
        const test = this.#binary(0);
        const otherwise = this.take("name", "else") ? this.expression() : undefined;
        value = this.#node({ kind: "choice", test, chosen: value, otherwise, at });
      }
      return value;
    });
  }

  /** One or more expressions separated by commas; several make a tuple. */
  tuple(plain = false): Expression {
    const first = this.expression(plain);
    if (!this.is("operator", ",")) return first;
    const items = [first];
    while (this.take("operator", ",")) {
      if (this.is("close") || this.is("operator", ")") || this.is("operator", "=") || this.is("name", "in")) break;
      items.push(this.expression(plain));
    }
    return this.#node({ kind: "list", items, at: first.at });
  }

  /** What a `set`, `for` or `with` assigns to. */
  target(): Target {
    const targets = [this.#singleTarget()];
    while (this.take("operator", ",")) {
      if (this.is("operator", "=") || this.is("name", "in") || this.is("close") || this.is("operator", ")")) break;
      targets.push(this.#singleTarget());
    }
    return targets.length === 1 ? targets[0]! : { kind: "many", targets };
  }

  #singleTarget(): Target {
    if (this.take("operator", "(")) {
      const inner = this.nested(() => this.target());
      this.expect("operator", ")");
      return inner;
    }
    const name = this.expect("name").text;
    if (this.take("operator", ".")) return { kind: "field", name, field: this.expect("name").text };
    return { kind: "name", name };
  }

  /** Binary operators by precedence, lowest first; level by level, so that long chains do not nest. */
  #binary(level: number): Expression {
    if (level === 2 && this.is("name", "not")) {
      const { at } = this.advance();
      const of = this.nested(() => this.#binary(2));
      return this.#node({ kind: "unary", operator: "not", of, at });
    }
    if (level === levels.length) return this.#unary();
    const operators = levels[level]!;
    let left = this.#binary(level + 1);
    let chain = 0;
    for (;;) {
      const operator = this.#operator(operators);
      if (!operator) return left;
      const { at } = this.advance();
      if (operator === "not in") this.advance();
      if (++chain > 2000) fail("LIMIT", "An expression is longer than 2,000 operators");
      const right = this.#binary(level + 1);
      left = this.#node({ kind: "binary", operator, left, right, at });
    }
  }

  #operator(operators: readonly BinaryOperator[]): BinaryOperator | undefined {
    const { kind, text } = this.token;
    if (kind === "name" && text === "not") {
      const next = this.#tokens[this.#next + 1];
      return operators.includes("not in") && next?.kind === "name" && next.text === "in" ? "not in" : undefined;
    }
    if (kind !== "operator" && !(kind === "name" && (text === "and" || text === "or" || text === "in")))
      return undefined;
    return operators.find((operator) => operator === text);
  }

  #unary(): Expression {
    const { at, kind, text } = this.token;
    if (kind === "operator" && (text === "-" || text === "+")) {
      this.advance();
      const of = this.nested(() => this.#unary());
      return this.#filters(this.#node({ kind: "unary", operator: text, of, at }));
    }
    return this.#filters(this.#postfix(this.#primary()));
  }

  #primary(): Expression {
    const token = this.advance();
    const { kind, text, at } = token;
    if (kind === "name") {
      const constant = constants.get(text);
      if (constant !== undefined) return this.#node({ kind: "constant", value: constant, at });
      return this.#node({ kind: "name", name: text, at });
    }
    if (kind === "string") {
      let value = text;
      while (this.is("string")) value += this.advance().text;
      return this.#node({ kind: "constant", value, at });
    }
    if (kind === "number") return this.#node({ kind: "constant", value: Number(text.replaceAll("_", "")), at });
    if (kind === "operator" && text === "(") {
      if (this.take("operator", ")")) return this.#node({ kind: "list", items: [], at });
      const inner = this.tuple();
      this.expect("operator", ")");
      return inner;
    }
    if (kind === "operator" && text === "[") {
      return this.#node({ kind: "list", items: this.#items("]"), at });
    }
    if (kind === "operator" && text === "{") return this.#dict(at);
    this.#next--;
    return this.wrong("an expression");
  }

  #items(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.take("operator", close)) {
      if (items.length > 0) {
        this.expect("operator", ",");
        if (this.take("operator", close)) break;
      }
      items.push(this.expression());
    }
    return items;
  }

  #dict(at: number): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.take("operator", "}")) {
      if (entries.length > 0) {
        this.expect("operator", ",");
        if (this.take("operator", "}")) break;
      }
      const key = this.expression();
      this.expect("operator", ":");
      entries.push([key, this.expression()]);
    }
    return this.#node({ kind: "dict", entries, at });
  }

  #postfix(start: Expression): Expression {
    let value = start;
    for (let chain = 0; ; chain++) {
      if (chain > 500) fail("LIMIT", "A chain of names is longer than 500 links");
      const { at } = this.token;
      if (this.take("operator", ".")) {
        const name = this.advance();
        if (name.kind === "name") value = this.#node({ kind: "attribute", of: value, name: name.text, at });
        else if (name.kind === "number" && /^[0-9]+$/.test(name.text)) {
          const key = this.#node({ kind: "constant", value: Number(name.text), at });
          value = this.#node({ kind: "item", of: value, key, at });
        } else this.wrong("a name");
      } else if (this.take("operator", "[")) {
        value = this.#node({ kind: "item", of: value, key: this.#subscript(at), at });
      } else if (this.is("operator", "(")) {
        value = this.#node({ kind: "call", callee: value, with: this.arguments(), at });
      } else return value;
    }
  }

  #subscript(at: number): Expression {
    const keys: Expression[] = [];
    do {
      if (this.is("operator", "]")) break;
      const parts: (Expression | undefined)[] = [];
      let sliced = false;
      for (;;) {
        const empty = this.is("operator", ":") || this.is("operator", "]") || this.is("operator", ",");
        parts.push(empty ? undefined : this.expression());
        if (!this.take("operator", ":")) break;
        sliced = true;
      }
      const only = parts[0];
      keys.push(sliced || !only ? this.#node({ kind: "slice", parts, at }) : only);
    } while (this.take("operator", ","));
    this.expect("operator", "]");
    return keys.length === 1 ? keys[0]! : this.#node({ kind: "list", items: keys, at });
  }

  /** The filters and tests that follow a value. */
  #filters(start: Expression): Expression {
    let value = start;
    for (let chain = 0; ; chain++) {
      if (chain > 500) fail("LIMIT", "A chain of filters is longer than 500 links");
      if (this.is("operator", "|")) value = this.filter(value);
      else if (this.is("name", "is")) value = this.#test(value);
      else if (this.is("operator", "(")) {
        const { at } = this.token;
        value = this.#node({ kind: "call", callee: value, with: this.arguments(), at });
      } else return value;
    }
  }

  /** One `| name(arguments)`; with `first`, the bar is absent (`{% filter name %}`). */
  filter(of: Expression | undefined, first = false): Expression {
    const { at } = this.token;
    if (!first) this.expect("operator", "|");
    const name = this.#dotted();
    const given = this.is("operator", "(") ? this.arguments() : none;
    return this.#node({ kind: "filter", name, of, with: given, at });
  }

  #test(of: Expression): Expression {
    const { at } = this.advance();
    const negated = this.take("name", "not");
    const name = this.#dotted();
    let given = none;
    if (this.is("operator", "(")) given = this.arguments();
    else if (this.#startsArgument()) {
      given = { ...none, positional: [this.#postfix(this.#primary())] };
    }
    const test = this.#node({ kind: "test", name, of, with: given, at });
    return negated ? this.#node({ kind: "unary", operator: "not", of: test, at }) : test;
  }

  #startsArgument(): boolean {
    const { kind, text } = this.token;
    if (kind === "string" || kind === "number") return true;
    if (kind === "operator") return text === "[" || text === "{";
    return kind === "name" && !["else", "or", "and", "is", "if", "in", "not", "recursive"].includes(text);
  }

  #dotted(): string {
    let name = this.expect("name").text;
    while (this.take("operator", ".")) name += `.${this.expect("name").text}`;
    return name;
  }

  /** A parenthesised list of arguments. */
  arguments(): Arguments {
    return this.nested(() => {
      this.expect("operator", "(");
      const positional: Expression[] = [];
      const named: { name: string; value: Expression }[] = [];
      const spread: Expression[] = [];
      let first = true;
      while (!this.take("operator", ")")) {
        if (!first) {
          this.expect("operator", ",");
          if (this.take("operator", ")")) break;
        }
        first = false;
        if (this.take("operator", "*") || this.take("operator", "**")) spread.push(this.expression());
        else if (this.is("name") && this.#follows("=")) {
          const name = this.advance().text;
          this.advance();
          named.push({ name, value: this.expression() });
        } else positional.push(this.expression());
      }
      return { positional, named, spread };
    });
  }

  #follows(operator: string): boolean {
    const next = this.#tokens[this.#next + 1];
    return next?.kind === "operator" && next.text === operator;
  }

  #node<T extends Expression>(node: T): T {
    if (++this.#nodes > mostNodes) fail("LIMIT", `The template has more than ${mostNodes} parts`);
    return node;
  }
}

const none: Arguments = { positional: [], named: [], spread: [] };

/** Operators from loosest to tightest; `not` stands between `and` and the comparisons. */
const levels: readonly (readonly BinaryOperator[])[] = [
  ["or"],
  ["and"],
  [...comparisons, "in", "not in"] as BinaryOperator[],
  ["+", "-"],
  ["~"],
  ["*", "/", "//", "%"],
  ["**"],
];
