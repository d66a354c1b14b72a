import { fail } from "../../kit/errors.ts";
import type { Arguments, Expression } from "./ast.ts";
import type { Concern, TemplateGap } from "./concern.ts";
import { elementsOf, foldBinary, foldJoin, formatPercent, sliceOf } from "./fold.ts";
import { dateTrigger, judgeInjection } from "./injection.ts";
import { judgeName, namesInternals } from "./judge-name.ts";
import { builtInObjects, contentNames, conversationRoots, knownFunctions, knownTests } from "./names.ts";
import { anyOf, combineKnown, constant, isKnown, triggersOf, unknown, withTriggers } from "./values.ts";
import type { Value } from "./values.ts";

const mostSteps = 400_000;
/** Tests of what kind of value it is, which do not tell what was said. */
const kindTests = new Set(
  "defined undefined none string mapping iterable sequence number integer float boolean callable escaped".split(" "),
);
const comparingTests = new Set(["eq", "equalto", "in", "ne", "contains", "startingwith", "endingwith", "sameas"]);

/** Evaluates expressions abstractly: which constants they can be, where they come from, and what they would reach or call. */
export abstract class ExpressionJudge {
  readonly concerns: Concern[] = [];
  readonly gaps: TemplateGap[] = [];
  /** Variables in sight. */
  protected variables = new Map<string, Value>();
  /** Macros of the template, which may be called before the text reaches them. */
  protected readonly declared = new Map<string, Value>();
  /** Branches, loops and calls around what is being judged: what happens there may not happen. */
  protected uncertain = 0;
  #steps = 0;
  readonly #said = new Set<string>();

  /** Calls a value. */
  protected abstract call(callee: Value, expression: Expression & { kind: "call" }, given: Given): Value;

  /** Reports once per place and key. */
  protected report(concern: Concern | undefined): void {
    if (!concern) return;
    const id = `${concern.key}@${concern.at}`;
    if (this.#said.has(id) || this.concerns.length >= 500) return;
    this.#said.add(id);
    this.concerns.push(concern);
  }

  /** Something unknown: a finding of little weight, and a reason why the template cannot be called safe. */
  protected reportUnknown(what: string, name: string, at: number): void {
    const shown = JSON.stringify(name.slice(0, 60));
    const key = `unknown:${what}:${name.slice(0, 60)}`;
    if (!this.#said.has(key)) {
      this.#said.add(key);
      this.gaps.push({
        why: `the template uses the ${what} ${shown}, and what that does is not known`,
        kind: "provided",
      });
    }
    this.report({
      kind: "unknown",
      severity: "medium",
      why: `The template uses the ${what} ${shown}, which no runtime for chat templates is known to provide.`,
      at,
      key,
    });
  }

  protected step(): void {
    if (++this.#steps > mostSteps) fail("LIMIT", "The template has too many paths to follow");
  }

  evaluate(expression: Expression): Value {
    this.step();
    switch (expression.kind) {
      case "constant": {
        if (typeof expression.value === "string") this.backstop(constant(expression.value), expression.at);
        return constant(expression.value);
      }
      case "name":
        return this.#name(expression.name);
      case "list":
        return { ...constant(), list: { items: expression.items.map((item) => this.evaluate(item)), fuzzy: false } };
      case "dict":
        return this.#dict(expression);
      case "attribute":
        return this.member(this.evaluate(expression.of), constant(expression.name), expression.at);
      case "item":
        return this.#item(expression);
      case "slice":
        for (const part of expression.parts) if (part) this.evaluate(part);
        return unknown("number");
      case "call": {
        const callee = this.evaluate(expression.callee);
        return this.call(callee, expression, this.given(expression.with));
      }
      case "filter":
        return this.filter(expression, expression.of ? this.evaluate(expression.of) : unknown("built"));
      case "test":
        return this.#test(expression);
      case "unary": {
        const of = this.evaluate(expression.of);
        const folded =
          expression.operator === "-"
            ? combineKnown([of], ([value]) => (typeof value === "number" ? -value : undefined))
            : undefined;
        return folded ?? unknown("number", [of]);
      }
      case "binary":
        return this.#binary(expression);
      default: {
        const test = this.evaluate(expression.test);
        const arms = [
          this.evaluate(expression.chosen),
          expression.otherwise ? this.evaluate(expression.otherwise) : constant(""),
        ];
        this.depends(test, arms, expression.at);
        return withTriggers(anyOf(arms), test.triggers);
      }
    }
  }

  /** Arguments, evaluated. */
  protected given(given: Arguments): Given {
    return {
      positional: given.positional.map((argument) => this.evaluate(argument)),
      named: new Map(given.named.map(({ name, value }) => [name, this.evaluate(value)])),
      spread: given.spread.map((argument) => this.evaluate(argument)),
    };
  }

  /** `choices` are put in or left out depending on `condition`: sentences of the template's own must not depend on what was said. */
  protected depends(condition: Value, choices: readonly Value[], at: number): void {
    if (condition.triggers.length === 0) return;
    for (const { known } of choices) {
      for (const text of known) {
        if (typeof text === "string") this.report(judgeInjection(condition.triggers, [text], at));
      }
    }
  }

  /** What `of.key` or `of[key]` gives. Jinja tries both kinds of lookup for either spelling. */
  protected member(of: Value, key: Value, at: number): Value {
    for (const name of key.known) if (typeof name === "string") this.report(judgeName(name, at));
    const resolved = key.nature === "constant" || key.nature === "number";
    if (!resolved) this.#unresolved(of, key, at);
    const own = this.#ownMember(of, key);
    if (own) {
      this.depends(key, [own], at);
      return withTriggers(own, key.triggers);
    }
    const names = key.known.filter((name) => typeof name === "string");
    const content = key.nature !== "constant" || names.length === 0 || names.some((name) => contentNames.has(name));
    const text = content ? of.text : false;
    const nature = of.nature === "constant" ? (of.fields || of.list ? "built" : "object") : of.nature;
    const child: Value = { nature, known: [], text, triggers: triggersOf([of, key]) };
    if (!resolved) return { ...child, callee: { kind: "dynamic" } };
    const [name] = names;
    return name === undefined ? child : { ...child, callee: { kind: "method", name, of } };
  }

  /** Members of lists, dictionaries and texts of the template's own. */
  #ownMember(of: Value, key: Value): Value | undefined {
    if (of.fields) {
      const names = key.known.filter((name) => typeof name === "string");
      const found = names.flatMap((name) => of.fields?.get(name) ?? []);
      if (key.nature !== "constant") return anyOf([...of.fields.values(), unknown("built")]);
      return found.length > 0 ? anyOf(found) : undefined;
    }
    if (typeof key.known[0] === "string") return undefined;
    const elements = elementsOf(of);
    if (!elements) return of.list ? anyOf([...of.list.items, unknown("built")]) : undefined;
    if (!isKnown(key)) return of.list ? anyOf(elements) : unknown("built", [of, key]);
    const picked = key.known.flatMap((index) => (typeof index === "number" ? (elements.at(index) ?? []) : []));
    return picked.length > 0 ? anyOf(picked) : undefined;
  }

  #unresolved(of: Value, key: Value, at: number): void {
    const dictionary =
      of.nature === "data" || of.nature === "built" || of.fields !== undefined || of.list !== undefined;
    // One lookup in a dictionary under a name from the outside is what templates do; nothing happens unless the result is called.
    if (key.nature === "data" && (dictionary || isKnown(of) || !of.callee)) return;
    if (dictionary && of.callee?.kind !== "dynamic") return;
    this.report({
      kind: "reaches",
      severity: "high",
      why: "The template looks something up under a name that it puts together while it runs; what that reaches cannot be known.",
      at,
      key: "reaches:computed",
    });
    this.gaps.push({ why: `the name looked up at character ${at} of the template is put together while it runs` });
  }

  #name(name: string): Value {
    const variable = this.variables.get(name) ?? this.declared.get(name);
    if (variable) return variable;
    if (knownFunctions.has(name)) return { ...unknown("object"), callee: { kind: "global", name } };
    if (builtInObjects.has(name)) return { ...unknown("object"), callee: { kind: "harmless" } };
    return { ...unknown("data"), text: conversationRoots.test(name) ? "said" : false };
  }

  #dict(expression: Expression & { kind: "dict" }): Value {
    const fields = new Map<string, Value>();
    for (const [key, value] of expression.entries) {
      const name = this.evaluate(key);
      const held = this.evaluate(value);
      for (const one of name.known) fields.set(String(one), held);
      if (name.nature !== "constant") fields.set("", fields.has("") ? anyOf([fields.get("")!, held]) : held);
    }
    return { ...constant(), fields };
  }

  #item(expression: Expression & { kind: "item" }): Value {
    const of = this.evaluate(expression.of);
    const { key, at } = expression;
    if (key.kind !== "slice") return this.member(of, this.evaluate(key), at);
    const parts = key.parts.map((part) => (part ? this.evaluate(part) : undefined));
    const numbers = parts.map((part) =>
      part && isKnown(part) && typeof part.known[0] === "number" && part.known.length === 1 ? part.known[0] : undefined,
    );
    const exact = parts.every((part, index) => part === undefined || numbers[index] !== undefined);
    const elements = elementsOf(of);
    const step = numbers[2] ?? 1;
    if (exact && elements && Number.isInteger(step) && step !== 0) {
      const picked = sliceOf(elements, numbers[0], numbers[1], step);
      if (of.list) return { ...of, list: { items: [...picked], fuzzy: false } };
      return this.backstop(foldJoin(picked, constant("")) ?? unknown("built", [of]), at);
    }
    return { ...(of.nature === "data" ? of : unknown("built", [of])), callee: { kind: "dynamic" } };
  }

  #binary(expression: Expression & { kind: "binary" }): Value {
    const left = this.evaluate(expression.left);
    const right = this.evaluate(expression.right);
    const { operator, at } = expression;
    if (operator === "or" || operator === "and") {
      this.depends(left, [right], at);
      return anyOf([left, right]);
    }
    if (["==", "!=", "<", "<=", ">", ">=", "in", "not in"].includes(operator)) {
      return withTriggers(unknown("number", []), [
        ...triggersOf([left, right]),
        ...comparedTexts(left, right),
        ...comparedTexts(right, left),
      ]);
    }
    if (operator === "*" || operator === "**") {
      this.#growth(operator, left, right, at);
      this.depends(left, [right], at);
      this.depends(right, [left], at);
    }
    const values = right.list && operator === "%" ? elementsOf(right) : undefined;
    const folded = values
      ? combineKnown([left, ...values], ([template, ...parts]) =>
          typeof template === "string" ? formatPercent(template, parts) : undefined,
        )
      : foldBinary(operator, left, right);
    if (folded) return this.backstop(folded, at);
    if (operator === "+" && left.list && right.list) {
      return {
        ...anyOf([left, right]),
        list: { items: [...left.list.items, ...right.list.items], fuzzy: left.list.fuzzy || right.list.fuzzy },
      };
    }
    const both = [left, right];
    const numeric = both.some(
      (side) => side.nature === "number" || (isKnown(side) && side.known.every((one) => typeof one === "number")),
    );
    return unknown(
      operator !== "~" && (numeric || "-///".includes(operator)) && operator !== "*" ? "number" : "built",
      both,
    );
  }

  #growth(operator: string, left: Value, right: Value, at: number): void {
    const times = Math.max(0, ...right.known.filter((one) => typeof one === "number"));
    const length = Math.max(
      0,
      ...left.known.map((one) => (typeof one === "string" ? one.length : 1)),
      left.list ? left.list.items.length : 0,
    );
    if (operator === "*" ? typeof left.known[0] !== "number" && times * length > 1_000_000 : times > 10_000) {
      this.report({
        kind: "exhausts",
        severity: "high",
        why: `The template computes ${operator === "*" ? `a text of ${times * length} characters` : `a power with the exponent ${times}`}.`,
        at,
        key: `exhausts:${operator}`,
      });
    }
  }

  #test(expression: Expression & { kind: "test" }): Value {
    const of = this.evaluate(expression.of);
    const { positional } = this.given(expression.with);
    if (!knownTests.has(expression.name)) this.reportUnknown("test", expression.name, expression.at);
    const triggers = comparingTests.has(expression.name)
      ? positional.flatMap((value) => [...comparedTexts(of, value), ...comparedTexts(value, of)])
      : [];
    return withTriggers(unknown("number"), kindTests.has(expression.name) ? triggers : [...of.triggers, ...triggers]);
  }

  /** `of | name(arguments)`. */
  abstract filter(expression: Expression & { kind: "filter" }, of: Value): Value;

  /** Names of Python's internals have no business in any text a template computes with. */
  protected backstop(value: Value, at: number): Value {
    for (const text of value.known) {
      if (typeof text === "string" && namesInternals(text)) this.report(judgeName(text.trim(), at));
    }
    return value;
  }
}

/** Evaluated arguments. */
export interface Given {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  readonly spread: readonly Value[];
}

/** The texts that `other` compares something said with. */
function comparedTexts(said: Value, other: Value): readonly string[] {
  if (!said.text || other.text) return [];
  if (said.text === "said") return literalsOf(other);
  return other.known.length > 0 || other.list ? [dateTrigger] : [];
}

/** Constants with visible text that a value may be or hold. */
export function literalsOf(value: Value): readonly string[] {
  const own = value.known.filter((one) => typeof one === "string" && one.trim() !== "") as string[];
  return value.list ? [...own, ...value.list.items.flatMap(literalsOf)] : own;
}
