import type { Expression } from "./ast.ts";
import { formatBraces, foldJoin, foldText, elementsOf } from "./fold.ts";
import { FilterJudge } from "./filters.ts";
import type { Given } from "./judge-expression.ts";
import { judgeName } from "./judge-name.ts";
import { knownFilters, pureMethods } from "./names.ts";
import { anyOf, combineKnown, constant, isKnown, unknown, withTriggers } from "./values.ts";
import type { Value } from "./values.ts";

const mostRounds = 10_000_000;
const changing = new Set([
  "append",
  "extend",
  "insert",
  "remove",
  "pop",
  "clear",
  "sort",
  "reverse",
  "update",
  "setdefault",
]);

/** Judges calls: of Jinja's functions, of methods, and of what must not be called at all. */
export abstract class CallJudge extends FilterJudge {
  /** Runs a macro's body with these arguments and returns what it writes. */
  protected abstract expand(macro: Value["callee"] & { kind: "macro" }, given: Given, at: number): Value;

  protected override call(callee: Value, expression: Expression & { kind: "call" }, given: Given): Value {
    const { at } = expression;
    const what = callee.callee;
    if (what?.kind === "harmless") return unknown("built", given.positional);
    if (what?.kind === "macro") return this.expand(what, given, at);
    if (what?.kind === "global") return this.#function(what.name, given, at);
    if (what?.kind === "dynamic") {
      this.report({
        kind: "reaches",
        severity: "high",
        why: "The template calls something that it looked up under a name only known while it runs.",
        at,
        key: "reaches:call",
      });
      this.gaps.push({ why: `what is called at character ${at} of the template is only known while it runs` });
      return unknown("built");
    }
    if (what?.kind === "method") return this.#method(what.name, what.of, given, at);
    this.reportUnknown("function", nameOf(expression.callee), at);
    return unknown("built", given.positional);
  }

  #function(name: string, given: Given, at: number): Value {
    if (name === "range") {
      const bounds = given.positional.map((bound) =>
        isKnown(bound) ? Math.max(...bound.known.map(Number)) : Number.NaN,
      );
      const [first = 0, second] = bounds;
      const size = second === undefined ? first : Math.abs((second - first) / (bounds[2] || 1));
      if (size > mostRounds) {
        this.report({
          kind: "exhausts",
          severity: "high",
          why: `The template counts to ${size}.`,
          at,
          key: "exhausts:range",
        });
      }
      return { ...unknown("number"), ...(size > 0 ? { size } : {}) };
    }
    if (name === "dict" || name === "namespace") {
      const fields = new Map(given.named);
      for (const argument of [...given.positional, ...given.spread]) {
        for (const [key, value] of argument.fields ?? []) fields.set(key, value);
        if (!argument.fields) fields.set("", unknown("built"));
      }
      return name === "dict" ? { ...constant(), fields } : { ...unknown("object"), fields };
    }
    if (name === "strftime_now" || name === "strftime") return { ...unknown("built"), text: "date" };
    if (name === "lipsum") this.width(given.positional[0] ?? given.named.get("n"), at);
    if (name === "joiner") return { ...unknown("object"), callee: { kind: "harmless" } };
    if (name === "cycler") return { ...unknown("object"), list: { items: [...given.positional], fuzzy: true } };
    return unknown("built", given.positional);
  }

  #method(name: string, of: Value, given: Given, at: number): Value {
    const { positional } = given;
    if (!pureMethods.has(name)) {
      this.reportUnknown("method", name, at);
      return unknown("built", [of, ...positional]);
    }
    if (of.fields?.has(name)) return unknown("built");
    if (changing.has(name)) this.#change(name, of, positional);
    if (name === "format") return this.#format(of, given, at);
    if (name === "join") {
      const elements = positional[0] && elementsOf(positional[0]);
      return (elements && foldJoin(elements, of)) ?? unknown("built", [of, ...positional]);
    }
    if (name === "replace") this.replaced(of, positional, at);
    if (["center", "ljust", "rjust", "zfill"].includes(name)) this.width(positional[0], at);
    if (name === "get") {
      const names = (positional[0]?.known ?? []).filter((key) => typeof key === "string");
      if (of.fields) {
        const found = names.flatMap((key) => of.fields?.get(key) ?? []);
        return anyOf([...(found.length > 0 ? found : of.fields.values()), positional[1] ?? constant(null)]);
      }
      // A dictionary's get never falls back to attributes, so any name may be asked for.
      return { ...unknown(of.nature === "data" ? "data" : "built", [of]), text: of.text };
    }
    if (of.fields && (name === "keys" || name === "values" || name === "items")) {
      const rows = [...of.fields].map(([key, value]) =>
        name === "keys"
          ? constant(key)
          : name === "values"
            ? value
            : { ...constant(), list: { items: [constant(key), value], fuzzy: false } },
      );
      return { ...constant(), list: { items: rows, fuzzy: of.nature !== "constant" } };
    }
    const folded = foldText(name, of, positional);
    const looked = this.looked(name, of, positional);
    if (folded) return withTriggers(folded, looked);
    if (name === "split") {
      const parts = this.#split(of, positional[0]);
      if (parts) return parts;
    }
    const value = unknown(of.nature === "data" ? "data" : "built", [of, ...positional]);
    return withTriggers({ ...value, text: of.text }, looked);
  }

  #split(of: Value, separator: Value | undefined): Value | undefined {
    const [text] = of.known;
    const [between] = separator?.known ?? [" "];
    if (
      !isKnown(of) ||
      of.known.length !== 1 ||
      typeof text !== "string" ||
      typeof between !== "string" ||
      between === ""
    )
      return undefined;
    return { ...constant(), list: { items: text.split(between).map((part) => constant(part)), fuzzy: false } };
  }

  /** Lists and dictionaries of the template's own that are changed where it is not certain to happen hold nobody knows what. */
  #change(name: string, of: Value, args: readonly Value[]): void {
    if (!of.list) return;
    const [first] = args;
    const certain = this.uncertain === 0 && of.list.items.length < 1000;
    if (name === "append" && first && certain) of.list.items.push(first);
    else if (name === "extend" && first && certain && elementsOf(first))
      of.list.items.push(...(elementsOf(first) ?? []));
    else {
      if (of.list.items.length < 1000) of.list.items.push(...args);
      of.list.fuzzy = true;
    }
  }

  #format(of: Value, given: Given, at: number): Value {
    for (const template of of.known) {
      if (typeof template !== "string") continue;
      for (const [, field = ""] of template.matchAll(/\{([^{}]*)/g)) {
        for (const name of field.split(/[.[\]!:]/).slice(1)) this.report(judgeName(name, at));
        if (/\d{7,}/.test(field.split(":")[1] ?? "")) this.width(constant(Number(/\d{7,}/.exec(field)?.[0])), at);
      }
    }
    const values = [...given.positional, ...given.named.values()];
    const folded = combineKnown([of, ...values], ([template, ...parts]) =>
      typeof template === "string"
        ? formatBraces(
            template,
            parts.slice(0, given.positional.length).map((part) => part ?? null),
            new Map(
              [...given.named.keys()].map((name, index) => [name, parts[given.positional.length + index] ?? null]),
            ),
          )
        : undefined,
    );
    if (!isKnown(of)) {
      this.report({
        kind: "reaches",
        severity: "medium",
        why: "The template formats values with a pattern that is only known while it runs; such patterns can read attributes.",
        at,
        key: "reaches:format",
      });
      this.gaps.push({ why: `the pattern formatted at character ${at} of the template is only known while it runs` });
    }
    return folded ?? unknown("built", [of, ...values]);
  }
}

function nameOf(callee: Expression): string {
  if (callee.kind === "name" || callee.kind === "attribute") return callee.name;
  if (callee.kind === "filter" && knownFilters.has(callee.name)) return `result of ${callee.name}`;
  return callee.kind;
}
