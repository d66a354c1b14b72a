import type { Json } from "../../kit/canonical-json.ts";
import { canonicalJson } from "../../kit/canonical-json.ts";
import { isJsonObject } from "../../kit/json.ts";
import type { JsonObject } from "../../kit/json.ts";
import { nearest } from "../../kit/nearest.ts";
import type { JsonSchema, JsonType } from "./json-schema.ts";

export type Path = readonly (string | number)[];

/** One thing wrong with a value. `problem` continues a sentence that starts with the path's name. */
export interface SchemaIssue {
  readonly path: Path;
  /** Whether the member's name or its value is at fault. */
  readonly about: "key" | "value";
  readonly problem: string;
  readonly next?: string | undefined;
}

const maxIssues = 20;
const maxDepth = 64;

/**
 * Everything about `value` that `schema` does not admit, in document order, at most 20 issues; none means it is admitted.
 * Patterns come from our own schemas; nothing from the value is ever compiled.
 */
export function checkSchema(schema: JsonSchema, value: Json): readonly SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  check(schema, value, [], issues);
  return issues.slice(0, maxIssues);
}

function check(schema: JsonSchema, value: Json, path: Path, issues: SchemaIssue[]): void {
  if (issues.length >= maxIssues) return;
  const complain = (problem: string, next: string | undefined = schema.description): void => {
    issues.push({ path, about: "value", problem, next });
  };
  if (path.length > maxDepth) return complain("is nested too deeply");
  if (schema.anyOf) return checkAnyOf(schema, schema.anyOf, value, path, issues);
  if (schema.type && !hasType(value, schema.type)) {
    return complain(`must be ${typeName(schema.type)}, but is ${describe(value)}`);
  }
  if (schema.const !== undefined && !equal(value, schema.const))
    return complain(`must be ${shown(schema.const)}, but is ${shown(value)}`);
  if (schema.enum && !schema.enum.some((allowed) => equal(value, allowed))) {
    const guess = typeof value === "string" ? nearest(value, schema.enum.filter(isText)) : undefined;
    return complain(
      `is ${shown(value)}, which is none of ${schema.enum.map(shown).join(", ")}`,
      guess === undefined ? schema.description : `Did you mean "${guess}"?`,
    );
  }
  if (typeof value === "string") checkText(schema, value, complain);
  else if (typeof value === "number") checkNumber(schema, value, complain);
  else if (Array.isArray(value)) checkArray(schema, value as readonly Json[], path, issues, complain);
  else if (isJsonObject(value)) checkObject(schema, value, path, issues, complain);
}

type Complain = (problem: string, next?: string) => void;

function checkText(schema: JsonSchema, value: string, complain: Complain): void {
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    complain(value === "" ? "must not be empty" : `must have at least ${schema.minLength} characters`);
  } else if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    complain(`must have at most ${schema.maxLength} characters, but has ${value.length}`);
  } else if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    complain(`is ${shown(value)}, which does not have the form it needs`);
  }
}

function checkNumber(schema: JsonSchema, value: number, complain: Complain): void {
  if (schema.minimum !== undefined && value < schema.minimum) complain(`is ${value}, below ${schema.minimum}`);
  else if (schema.maximum !== undefined && value > schema.maximum) complain(`is ${value}, above ${schema.maximum}`);
  else if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) {
    complain(`is ${value}, but must be above ${schema.exclusiveMinimum}`);
  }
}

function checkArray(
  schema: JsonSchema,
  value: readonly Json[],
  path: Path,
  issues: SchemaIssue[],
  complain: Complain,
): void {
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    complain(value.length === 0 ? "must not be empty" : `must have at least ${schema.minItems} items`);
  } else if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return complain(`must have at most ${schema.maxItems} items, but has ${value.length}`);
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    if (schema.items) check(schema.items, item, [...path, index], issues);
    if (!schema.uniqueItems) continue;
    const written = canonicalJson(item);
    if (seen.has(written)) issues.push({ path: [...path, index], about: "value", problem: `repeats ${shown(item)}` });
    seen.add(written);
  }
}

function checkObject(
  schema: JsonSchema,
  value: JsonObject,
  path: Path,
  issues: SchemaIssue[],
  complain: Complain,
): void {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (schema.minProperties !== undefined && keys.length < schema.minProperties) complain("must not be empty");
  if (schema.maxProperties !== undefined && keys.length > schema.maxProperties) {
    return complain(`must have at most ${schema.maxProperties} members, but has ${keys.length}`);
  }
  for (const key of keys) {
    const known = schema.properties && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (known) check(known, value[key]!, [...path, key], issues);
    else if (schema.additionalProperties === false) issues.push(unknownKey(schema, keys, path, key));
    else if (schema.propertyNames && !new RegExp(schema.propertyNames.pattern, "u").test(key)) {
      issues.push({
        path: [...path, key],
        about: "key",
        problem: "is not a usable name",
        next: schema.propertyNames.description,
      });
    } else if (schema.additionalProperties) check(schema.additionalProperties, value[key]!, [...path, key], issues);
  }
  for (const key of schema.required ?? []) {
    if (value[key] === undefined) {
      issues.push({
        path: [...path, key],
        about: "value",
        problem: "is missing",
        next: schema.properties?.[key]?.description,
      });
    }
  }
}

function unknownKey(schema: JsonSchema, present: readonly string[], path: Path, key: string): SchemaIssue {
  const known = Object.keys(schema.properties ?? {});
  const guess =
    nearest(
      key,
      known.filter((name) => !present.includes(name)),
    ) ?? nearest(key, known);
  return {
    path: [...path, key],
    about: "key",
    problem: "is not a known key",
    next: guess === undefined ? `Known keys here: ${known.join(", ")}.` : `Did you mean "${guess}"?`,
  };
}

/** Reports against the one alternative the value's type points to; a value of no alternative's type is told all of them. */
function checkAnyOf(
  schema: JsonSchema,
  alternatives: readonly JsonSchema[],
  value: Json,
  path: Path,
  issues: SchemaIssue[],
): void {
  const ofType = alternatives.filter((alternative) => !alternative.type || hasType(value, alternative.type));
  const complaints = ofType.map((alternative) => {
    const found: SchemaIssue[] = [];
    check(alternative, value, path, found);
    return found;
  });
  if (complaints.some((found) => found.length === 0)) return;
  const fewest = complaints.toSorted((a, b) => a.length - b.length)[0];
  if (fewest) issues.push(...fewest);
  else {
    const names = alternatives.map((alternative) => (alternative.type ? typeName(alternative.type) : "a value"));
    issues.push({
      path,
      about: "value",
      problem: `must be ${names.join(" or ")}, but is ${describe(value)}`,
      next: schema.description,
    });
  }
}

function hasType(value: Json, type: JsonType): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isJsonObject(value);
    case "integer":
      return Number.isSafeInteger(value);
    default:
      // eslint-disable-next-line valid-typeof -- "string", "number" and "boolean" are what is left
      return typeof value === type;
  }
}

const typeNames = {
  object: "a mapping",
  array: "a list",
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
} as const satisfies Record<JsonType, string>;

function typeName(type: JsonType): string {
  return typeNames[type];
}

/** What kind of value this is and, for a scalar, which. */
function describe(value: Json): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (isJsonObject(value)) return "a mapping";
  return typeof value === "string" ? `the text ${shown(value)}` : shown(value);
}

/** A value as it may stand in a message: JSON, cut to a length a reader bears. */
export function shown(value: Json): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function equal(a: Json, b: Json): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function isText(value: Json): value is string {
  return typeof value === "string";
}
