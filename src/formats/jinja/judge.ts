import { gapOf } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import type { Body, Expression, Statement, Target } from "./ast.ts";
import { CallJudge } from "./calls.ts";
import type { Concern, TemplateGap } from "./concern.ts";
import { elementsOf, foldJoin } from "./fold.ts";
import { hiddenText } from "./hidden-text.ts";
import { judgeInjection } from "./injection.ts";
import type { Given } from "./judge-expression.ts";
import { macrosIn } from "./macros.ts";
import { parseTemplate } from "./parse.ts";
import { anyOf, constant, triggersOf, unknown, withTriggers } from "./values.ts";
import type { Value } from "./values.ts";

/** What a template would do when a chat is rendered with it. */
export interface JudgedTemplate {
  readonly concerns: readonly Concern[];
  /** Why it cannot be called harmless although nothing bad was found. */
  readonly gaps: readonly TemplateGap[];
}

const mostUnrolled = 64;
const mostRounds = 1_000_000;
const deepestMacros = 6;

/**
 * Judges a chat template without rendering it: every branch is followed, with all constants that can be known, so that names put
 * together from pieces are seen whole. Never throws for the template's sake: what cannot be parsed or followed is a gap.
 */
export function judgeTemplate(text: string, meter: Meter): JudgedTemplate {
  const judge = new TemplateJudge(meter);
  try {
    judge.template(parseTemplate(text));
  } catch (error) {
    judge.gaps.push(gapOf(error));
  }
  return { concerns: [...judge.concerns, ...hiddenText(text)].sort((a, b) => a.at - b.at), gaps: judge.gaps };
}

/** Executes statements abstractly. */
class TemplateJudge extends CallJudge {
  readonly #meter: Meter;
  /** What the statements being followed depend on having been said. */
  #active: readonly string[] = [];
  /** Set by `break` and `continue`: the rest of the loop's body depends on these. */
  #left: readonly string[] = [];
  /** Literal texts written in the region being watched. */
  #written: string[] | undefined;
  #rounds = 1;
  readonly #expanded = new Set<Body>();
  #macros: { readonly body: Body; readonly uncertain: number }[] = [];

  constructor(meter: Meter) {
    super();
    this.#meter = meter;
  }

  template(body: Body): void {
    const macros = macrosIn(body);
    for (const macro of macros) this.declared.set(macro.name, { ...unknown("object"), callee: macro });
    this.#run(body);
    // Once with arguments nobody knows, so that a macro that is never called here is examined as well.
    this.uncertain++;
    for (const macro of macros) {
      for (const { standard } of macro.parameters) if (standard) this.evaluate(standard);
      if (this.#expanded.has(macro.body)) continue;
      this.expand(macro, { positional: macro.parameters.map(() => unknown("data")), named: new Map(), spread: [] }, 0);
    }
  }

  /** Follows statements in order; what they write, when it is known. */
  #run(body: Body): Value {
    let written = constant("");
    for (const [index, statement] of body.entries()) {
      this.step();
      this.#meter.tick();
      const piece = this.#statement(statement);
      written = this.#append(written, piece);
      if (this.#left.length > 0) {
        const left = this.#left;
        this.#left = [];
        const rest = body.slice(index + 1);
        if (rest.length > 0)
          written = this.#append(
            written,
            this.#region(left, statement.at, () => this.#run(rest)),
          );
        this.#left = left;
        break;
      }
    }
    return written;
  }

  #append(before: Value, piece: Value): Value {
    return foldJoin([before, piece], constant("")) ?? unknown("built", [before, piece]);
  }

  /** Runs something that happens only if `triggers` were said, and judges what it writes. */
  #region<T>(triggers: readonly string[], at: number, run: () => T): T {
    if (triggers.length === 0) return run();
    const [active, outer] = [this.#active, this.#written];
    const written: string[] = [];
    this.#active = [...new Set([...active, ...triggers])].slice(0, 50);
    this.#written = written;
    const result = run();
    this.#active = active;
    this.#written = outer;
    outer?.push(...written.slice(0, 1000));
    this.report(judgeInjection(triggers, written, at));
    return result;
  }

  #write(value: Value): Value {
    if (this.#written && this.#written.length < 10_000) {
      for (const text of value.known) if (typeof text === "string") this.#written.push(text);
    }
    return value;
  }

  #statement(statement: Statement): Value {
    const nothing = constant("");
    switch (statement.kind) {
      case "text":
        return this.#write(constant(statement.text));
      case "output":
        return this.#write(this.evaluate(statement.value));
      case "if":
        return this.#if(statement);
      case "for":
        return this.#for(statement);
      case "set":
        this.#assign(statement.target, this.#write(this.evaluate(statement.value)));
        return nothing;
      case "capture":
        this.#assign(statement.target, this.#filtered(statement.filter, this.#run(statement.body)));
        return nothing;
      case "macro": {
        const { name, parameters, body } = statement;
        this.variables.set(name, { ...unknown("object"), callee: { kind: "macro", name, parameters, body } });
        return nothing;
      }
      case "call-block":
        this.#scoped(() => {
          for (const { name } of statement.parameters) this.variables.set(name, unknown("data"));
          this.#run(statement.body);
        });
        return this.#write(this.evaluate(statement.call));
      case "filter-block":
        return this.#write(this.#filtered(statement.filter, this.#run(statement.body)));
      case "with":
        return this.#scoped(() => {
          for (const { target, value } of statement.values) this.#assign(target, this.evaluate(value));
          return this.#run(statement.body);
        });
      case "scope":
        return this.#run(statement.body);
      case "do":
        this.evaluate(statement.value);
        return nothing;
      case "leave":
        this.#left = this.#active;
        return nothing;
      default:
        return this.#load(statement);
    }
  }

  #load({ tag, template, names, at }: Statement & { kind: "load" }): Value {
    const { known } = this.evaluate(template);
    const what = typeof known[0] === "string" ? `"${known[0].slice(0, 100)}"` : "a file chosen while it runs";
    this.report({
      kind: "loads",
      severity: "high",
      why: `The template takes in ${what} (${tag}); a chat template has no other files.`,
      at,
      key: `loads:${tag}`,
    });
    this.gaps.push({ why: `the template takes in ${what}, which was not examined`, kind: "provided" });
    for (const name of names) this.variables.set(name, unknown("object"));
    return unknown("built");
  }

  #filtered(filter: Expression | undefined, body: Value): Value {
    if (!filter || filter.kind !== "filter") return body;
    const inner = filter.of && filter.of.kind === "filter" ? this.#filtered(filter.of, body) : body;
    return this.filter(filter, inner);
  }

  #if({ branches, otherwise }: Statement & { kind: "if" }): Value {
    const outcomes: Map<string, Value>[] = [];
    const written: Value[] = [];
    let triggers: readonly string[] = [];
    let left: readonly string[] = [];
    this.uncertain++;
    const take = (body: Body, at: number): void => {
      const before = this.variables;
      this.variables = new Map(before);
      written.push(this.#region(triggers, at, () => this.#run(body)));
      left = [...left, ...this.#left];
      this.#left = [];
      outcomes.push(this.variables);
      this.variables = before;
    };
    for (const { test, body } of branches) {
      triggers = triggersOf([{ ...constant(), triggers }, this.evaluate(test)]);
      take(body, test.at);
    }
    take(otherwise, otherwise[0]?.at ?? 0);
    this.uncertain--;
    this.variables = joined(outcomes);
    this.#left = left;
    return anyOf(written);
  }

  #for({ target, over, test, body, otherwise, at }: Statement & { kind: "for" }): Value {
    const values = this.evaluate(over);
    const elements = elementsOf(values);
    const rounds = this.#rounds;
    this.#rounds *= Math.max(1, values.size ?? elements?.length ?? 1);
    if (rounds > 1 && this.#rounds > mostRounds) {
      this.report({
        kind: "exhausts",
        severity: "high",
        why: `Loops inside loops run ${this.#rounds} times.`,
        at,
        key: "exhausts:loops",
      });
    }
    const before = this.variables.get("loop");
    this.variables.set("loop", loopObject);
    const once = (element: Value): Value => {
      this.#assign(target, element);
      const triggers = test ? this.evaluate(test).triggers : [];
      if (test) this.uncertain++;
      const written = this.#region(triggers, at, () => this.#run(body));
      if (test) this.uncertain--;
      this.#left = [];
      return written;
    };
    let result: Value;
    if (elements && elements.length <= mostUnrolled && !test) {
      const pieces = elements.map(once);
      result = foldJoin(pieces, constant("")) ?? unknown("built", pieces);
    } else {
      this.uncertain++;
      const element = elements
        ? anyOf(elements)
        : values.list
          ? anyOf([...values.list.items, unknown("built")])
          : elementOf(values);
      // Twice: what one round leaves behind, the next one sees.
      const start = new Map(this.variables);
      const first = once(element);
      this.variables = joined([start, this.variables]);
      const second = once(element);
      this.variables = joined([start, this.variables]);
      this.uncertain--;
      result = unknown("built", [first, second]);
    }
    this.uncertain++;
    if (otherwise.length > 0) result = anyOf([result, this.#run(otherwise)]);
    this.uncertain--;
    this.#rounds = rounds;
    if (before) this.variables.set("loop", before);
    else this.variables.delete("loop");
    return result;
  }

  #assign(target: Target, assigned: Value): void {
    const value = withTriggers(assigned, this.#active);
    if (target.kind === "name") this.variables.set(target.name, value);
    else if (target.kind === "field") {
      const space = this.variables.get(target.name);
      const fields = new Map(space?.fields);
      const before = fields.get(target.field);
      fields.set(target.field, before && this.uncertain > 0 ? anyOf([before, value]) : value);
      this.variables.set(target.name, { ...(space ?? unknown("object")), fields });
    } else {
      const parts =
        value.list && !value.list.fuzzy && value.list.items.length === target.targets.length
          ? value.list.items
          : undefined;
      for (const [index, one] of target.targets.entries()) {
        this.#assign(one, parts?.[index] ?? { ...elementOf(value), ...(value.list ? { nature: "built" } : {}) });
      }
    }
  }

  protected override expand(macro: Value["callee"] & { kind: "macro" }, given: Given, at: number): Value {
    const same = this.#macros.filter(({ body }) => body === macro.body);
    if (same.some(({ uncertain }) => uncertain === this.uncertain)) {
      this.report({
        kind: "exhausts",
        severity: "high",
        why: `The macro ${macro.name.slice(0, 60)} always calls itself.`,
        at,
        key: "exhausts:recursion",
      });
    }
    // A macro that calls itself is followed once more only where it passes itself texts of its own.
    const told = [...given.positional, ...given.named.values()].some(({ known }) =>
      known.some((one) => typeof one === "string"),
    );
    if (same.length > (told ? 1 : 0) || this.#macros.length >= deepestMacros) return unknown("built", given.positional);
    this.#expanded.add(macro.body);
    return this.#scoped(() => {
      this.#macros.push({ body: macro.body, uncertain: this.uncertain });
      for (const [index, { name, standard }] of macro.parameters.entries()) {
        const argument = given.positional[index] ?? given.named.get(name);
        const spread = given.spread.length > 0 ? unknown("built", given.spread) : constant(null);
        this.variables.set(name, argument ?? (standard ? this.evaluate(standard) : spread));
      }
      const left = this.#left;
      const result = this.#run(macro.body);
      this.#left = left;
      this.#macros.pop();
      return result;
    });
  }

  /** Runs with variables of its own; what namespaces hold afterwards is kept. */
  #scoped<T>(run: () => T): T {
    const before = this.variables;
    this.variables = new Map(before);
    const result = run();
    for (const [name, value] of before) {
      const after = this.variables.get(name);
      if (after && after !== value && value.fields && value.nature === "object")
        before.set(name, anyOf([value, after]));
    }
    this.variables = before;
    return result;
  }
}

const loopObject: Value = {
  ...unknown("object"),
  callee: { kind: "harmless" },
  fields: new Map(
    Object.entries({
      previtem: { ...unknown("data"), text: "said" },
      nextitem: { ...unknown("data"), text: "said" },
      ...Object.fromEntries(
        ["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"].map((name) => [
          name,
          unknown("number"),
        ]),
      ),
      cycle: { ...unknown("object"), callee: { kind: "harmless" } },
      changed: { ...unknown("object"), callee: { kind: "harmless" } },
    } satisfies { [name: string]: Value }),
  ),
};

/** What is known of one element of a value that is not a list of the template's own. */
function elementOf(values: Value): Value {
  const nature = values.nature === "constant" ? "built" : values.nature;
  return { nature, known: [], text: values.text, triggers: values.triggers };
}

function joined(outcomes: readonly Map<string, Value>[]): Map<string, Value> {
  const result = new Map<string, Value>();
  for (const outcome of outcomes) {
    for (const name of outcome.keys()) {
      if (!result.has(name)) result.set(name, anyOf(outcomes.flatMap((one) => one.get(name) ?? [])));
    }
  }
  return result;
}
