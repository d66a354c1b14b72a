import type { Body, Constant, Parameter } from "./ast.ts";

/**
 * What is known of a value without rendering the template.
 * - "constant": one of `known`, nothing else.
 * - "number": a number or truth value; as a key it can only be an index.
 * - "data": comes from what the application passes in (messages, tools, documents).
 * - "built": text put together by the template from parts that are not all known.
 * - "object": a loop, a namespace, a result of one of Jinja's own functions.
 */
export type Nature = "constant" | "number" | "data" | "built" | "object";

/** What a value does when it is called. */
export type Callee =
  | { readonly kind: "macro"; readonly name: string; readonly parameters: readonly Parameter[]; readonly body: Body }
  | { readonly kind: "method"; readonly name: string; readonly of: Value }
  | { readonly kind: "global"; readonly name: string }
  /** Nothing that matters: a loop, `caller`, a joiner. */
  | { readonly kind: "harmless" }
  /** Found under a name that is only known when the template runs. */
  | { readonly kind: "dynamic" };

export type Text = false | "said" | "date";

export interface Value {
  readonly nature: Nature;
  /** Constants it may be; all it may be when the nature is "constant". */
  readonly known: readonly Constant[];
  /** When it is a list of the template's own. */
  readonly list?: ListCell;
  /** Entries, when it is a dictionary or namespace of the template's own. */
  readonly fields?: ReadonlyMap<string, Value>;
  /** How many numbers a range has. */
  readonly size?: number;
  /** Carries what somebody said (message contents, documents), or tells the date. */
  readonly text: Text;
  /** Literals whose occurrence in such text this value depends on. */
  readonly triggers: readonly string[];
  readonly callee?: Callee;
}

/** A list that the template can change: every name for it sees the change. `fuzzy`: what it holds is no longer certain. */
export interface ListCell {
  readonly items: Value[];
  fuzzy: boolean;
}

const mostKnown = 16;
const longestKnown = 4096;
const none: readonly string[] = [];

/** A value that is one of these constants. */
export function constant(...known: readonly Constant[]): Value {
  return { nature: "constant", known, text: false, triggers: none };
}

/** A value of this nature about which nothing else is known. */
export function unknown(nature: Exclude<Nature, "constant">, from: readonly Value[] = []): Value {
  return { nature, known: [], text: textOf(from), triggers: triggersOf(from) };
}

/** What sort of text flows together in the values. */
function textOf(values: readonly Value[]): Text {
  return values.find(({ text }) => text)?.text ?? false;
}

/** All triggers of the values, each once. */
export function triggersOf(values: readonly Value[]): readonly string[] {
  const found = values.flatMap(({ triggers }) => triggers);
  return found.length === 0 ? none : [...new Set(found)].slice(0, 50);
}

/** `value`, depending on these triggers too. */
export function withTriggers(value: Value, triggers: readonly string[]): Value {
  return triggers.length === 0
    ? value
    : { ...value, triggers: [...new Set([...value.triggers, ...triggers])].slice(0, 50) };
}

const order: readonly Nature[] = ["constant", "number", "data", "object", "built"];

/** A value that may be any of the given ones. */
export function anyOf(values: readonly Value[]): Value {
  const [first, ...rest] = values;
  if (!first) return unknown("data");
  if (rest.every((value) => value === first)) return first;
  const known = [...new Set(values.flatMap((value) => value.known))];
  const nature = values.reduce<Nature>(
    (worst, { nature }) => (order.indexOf(nature) > order.indexOf(worst) ? nature : worst),
    "constant",
  );
  const callee = values.find((value) => value.callee?.kind === "dynamic") ?? values.find((value) => value.callee);
  const fields = joinFields(values);
  const lists = values.flatMap(({ list }) => list ?? []);
  const list: ListCell | undefined =
    lists.length === 0
      ? undefined
      : lists.every((one) => one === lists[0]) && lists.length === values.length
        ? lists[0]
        : { items: lists.flatMap(({ items }) => items).slice(0, 256), fuzzy: true };
  return {
    nature: known.length > mostKnown && nature === "constant" ? "built" : nature,
    known: known.slice(0, mostKnown),
    text: textOf(values),
    triggers: triggersOf(values),
    ...(callee?.callee ? { callee: callee.callee } : {}),
    ...(fields ? { fields } : {}),
    ...(list ? { list } : {}),
  };
}

function joinFields(values: readonly Value[]): ReadonlyMap<string, Value> | undefined {
  const maps = values.flatMap(({ fields }) => fields ?? []);
  if (maps.length === 0) return undefined;
  const joined = new Map<string, Value>();
  for (const map of maps) {
    for (const [name, value] of map) {
      const before = joined.get(name);
      joined.set(name, before ? anyOf([before, value]) : value);
    }
  }
  return joined;
}

/** True when the value can only be one of its constants, all of them strings or numbers that can be put together. */
export function isKnown(value: Value): boolean {
  return value.nature === "constant" && value.list === undefined && value.fields === undefined;
}

/**
 * The constants that come out when `combine` is applied to every choice of the inputs' constants; undefined (the result is not
 * known) when an input is not known, `combine` says undefined, or there are more than 16.
 */
export function combineKnown(
  inputs: readonly Value[],
  combine: (values: readonly Constant[]) => Constant | undefined,
): Value | undefined {
  if (!inputs.every(isKnown)) return undefined;
  let choices: Constant[][] = [[]];
  for (const { known } of inputs) {
    choices = choices.flatMap((choice) => known.map((one) => [...choice, one]));
    if (choices.length > mostKnown) return undefined;
  }
  const results: Constant[] = [];
  for (const choice of choices) {
    const result = combine(choice);
    if (result === undefined || (typeof result === "string" && result.length > longestKnown)) return undefined;
    results.push(result);
  }
  return { ...constant(...new Set(results)), text: textOf(inputs), triggers: triggersOf(inputs) };
}

/** A constant as Python prints it. */
export function printed(value: Constant): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}
