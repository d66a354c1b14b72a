import type { Expression } from "./ast.ts";
import { elementsOf, foldJoin, foldText, formatPercent } from "./fold.ts";
import { isOrdinary, shareWord } from "./injection.ts";
import { ExpressionJudge, literalsOf } from "./judge-expression.ts";
import type { Given } from "./judge-expression.ts";
import { judgeAttributePath } from "./judge-name.ts";
import { attributeFilters, knownFilters } from "./names.ts";
import { anyOf, combineKnown, constant, isKnown, unknown, withTriggers } from "./values.ts";
import type { Value } from "./values.ts";

const numberFilters = new Set(["length", "count", "int", "float", "abs", "round", "wordcount"]);
const lookingMethods = new Set([
  "startswith",
  "endswith",
  "find",
  "rfind",
  "index",
  "rindex",
  "count",
  "split",
  "rsplit",
  "partition",
  "rpartition",
]);

/** Judges filters: what they look up, and what comes out of them. */
export abstract class FilterJudge extends ExpressionJudge {
  /** `of | name(arguments)`. */
  override filter(expression: Expression & { kind: "filter" }, of: Value): Value {
    const given = this.given(expression.with);
    const { name, at } = expression;
    if (!knownFilters.has(name)) this.reportUnknown("filter", name, at);
    if (name === "attr") {
      const key = given.positional[0] ?? constant("");
      if (key.nature !== "constant") {
        this.report({
          kind: "reaches",
          severity: "high",
          why: "The template looks up an attribute whose name cannot be known before it runs.",
          at,
          key: "reaches:attr",
        });
      }
      return this.member(of, key, at);
    }
    if (attributeFilters.has(name)) this.#attributes(name, given, at);
    if (name === "replace") this.replaced(of, given.positional, at);
    const looked = of.text ? withTriggers(unknown("built"), this.looked(name, of, given.positional)).triggers : [];
    return withTriggers(this.#filtered(name, of, given, at), looked);
  }

  #filtered(name: string, of: Value, given: Given, at: number): Value {
    const args = [...given.positional, ...given.named.values()];
    const elements = elementsOf(of);
    if (name === "join" && elements) {
      const joined = foldJoin(elements, given.positional[0] ?? given.named.get("d") ?? constant(""));
      if (joined) return this.backstop(joined, at);
    }
    if (name === "default" || name === "d") return anyOf([of, ...given.positional.slice(0, 1)]);
    if (elements && of.list) {
      if (name === "list") return { ...of, list: { items: [...elements], fuzzy: false } };
      if (name === "reverse") return { ...of, list: { items: [...elements].reverse(), fuzzy: false } };
      if (name === "first" || name === "last")
        return (name === "first" ? elements[0] : elements.at(-1)) ?? unknown("built");
      if (name === "map" && given.named.size === 0) {
        const inner = given.positional[0]?.known[0];
        const mapped =
          typeof inner === "string" ? elements.map((one) => foldText(inner, one, given.positional.slice(1))) : [];
        if (mapped.length > 0 && mapped.every((one) => one !== undefined))
          return { ...of, list: { items: mapped, fuzzy: false } };
      }
    } else if (elements && name === "list") return { ...constant(), list: { items: [...elements], fuzzy: false } };
    if (name === "format") {
      const text = combineKnown([of, ...given.positional], ([template, ...parts]) =>
        typeof template === "string" ? formatPercent(template, parts) : undefined,
      );
      if (text) return this.backstop(text, at);
    }
    if (["center", "indent", "ljust", "rjust"].includes(name)) this.width(given.positional[0], at);
    const folded = foldText(name, of, given.positional);
    if (folded) return this.backstop(folded, at);
    if (numberFilters.has(name)) return unknown("number", [of]);
    const pass = of.nature === "data" && args.every((arg) => isKnown(arg) || arg.nature === "data");
    return {
      ...unknown(pass && name !== "tojson" ? "data" : of.nature === "number" ? "number" : "built", [of, ...args]),
      text: of.text,
    };
  }

  /** Filters that look up attributes, or apply filters and tests given by name. */
  #attributes(name: string, given: Given, at: number): void {
    const paths = [given.named.get("attribute")];
    if (["selectattr", "rejectattr", "groupby"].includes(name)) paths.push(given.positional[0]);
    if (["sum", "min", "max", "unique", "sort", "join"].includes(name)) {
      paths.push(given.positional[{ sum: 0, join: 1, min: 1, max: 1, unique: 1, sort: 2 }[name] ?? 0]);
    }
    for (const path of paths) this.report(judgeAttributePath(path, at));
    if (name !== "map") return;
    const inner = given.positional[0];
    if (!inner) return;
    for (const filter of inner.known) {
      if (typeof filter !== "string" || !knownFilters.has(filter)) this.reportUnknown("filter", String(filter), at);
      if (filter === "attr" || filter === "map") this.report(judgeAttributePath(given.positional[1], at));
    }
    if (inner.nature !== "constant") this.reportUnknown("filter", "(chosen while the template runs)", at);
  }

  /** Literals that a method or filter looks for in what was said. */
  protected looked(name: string, of: Value, args: readonly Value[]): readonly string[] {
    if (!of.text || !lookingMethods.has(name)) return [];
    return args.flatMap((arg) => literalsOf(arg));
  }

  /** Replacing ordinary words in what was said by other words changes its meaning. */
  protected replaced(of: Value, [from, to]: readonly Value[], at: number): void {
    if (!of.text || !from || !to) return;
    for (const before of literalsOf(from)) {
      for (const after of literalsOf(to)) {
        if (
          isOrdinary(before) &&
          isOrdinary(after) &&
          !shareWord(before, after) &&
          before.trim().length > 1 &&
          after.trim().length > 1
        ) {
          this.report({
            kind: "injects",
            severity: "medium",
            why: `The template replaces "${before.slice(0, 80)}" in what was said by "${after.slice(0, 80)}".`,
            at,
            key: `replaces:${before.slice(0, 80)}`,
          });
        }
      }
    }
  }

  /** A width that text is padded to. */
  protected width(width: Value | undefined, at: number): void {
    const widest = Math.max(0, ...(width?.known ?? []).filter((one) => typeof one === "number"));
    if (widest > 1_000_000)
      this.report({
        kind: "exhausts",
        severity: "high",
        why: `The template pads a text to ${widest} characters.`,
        at,
        key: "exhausts:width",
      });
  }
}
