import type { Json } from "../kit/canonical-json.ts";
import { nearest } from "../kit/nearest.ts";
import { predicateTypeOf, shortNameOf } from "../core/statement.ts";
import { checkSchema, shown } from "../formats/schema/check.ts";
import type { Path } from "../formats/schema/check.ts";
import { schemaAt } from "../formats/schema/json-schema.ts";
import type { ConfigDocument } from "../formats/yaml/read.ts";
import type { PolicyFile, RequirementFile } from "./policy-schema.ts";
import { statementSchema } from "./statement-schemas/all.ts";

/** Complains about an `at`/`op`/`value` that is incomplete, compares the wrong kinds, or looks at a field that cannot exist. */
export function checkCondition(
  document: ConfigDocument<PolicyFile>,
  { statement, at, op, value }: RequirementFile,
  path: Path,
): void {
  if (at === undefined && op === undefined && value === undefined) return;
  if (at === undefined) {
    document.complain(
      path,
      "compares without saying which field",
      'Add "at", a JSON Pointer such as /robustnessScore/low.',
    );
    return;
  }
  if (op === undefined) {
    document.complain(path, `names a field in "at" but no "op"`, 'Add op, such as op: ">=", or op: exists.');
    return;
  }
  checkValue(document, op, value as Json | undefined, path);
  const tokens = tokensOf(at);
  if (!tokens) {
    document.complain(
      [...path, "at"],
      `${shown(at)} is not a JSON Pointer`,
      'It starts with "/", such as /robustnessScore/low.',
    );
    return;
  }
  const name = shortNameOf(predicateTypeOf(statement));
  const schema = statementSchema(name);
  if (!schema) return;
  const field = schemaAt(schema, tokens);
  if (!field) {
    const parent = schemaAt(schema, tokens.slice(0, -1));
    const guess = nearest(tokens.at(-1) ?? "", Object.keys(parent?.properties ?? {}));
    const next = guess === undefined ? undefined : `Did you mean "/${[...tokens.slice(0, -1), guess].join("/")}"?`;
    document.complain([...path, "at"], `can never pass: a ${name} statement has no field ${at}`, next);
    return;
  }
  const candidates = op === "==" ? [value as Json] : op === "in" && Array.isArray(value) ? (value as Json[]) : [];
  const [issue] = candidates.map((candidate) => checkSchema(field, candidate)[0]);
  const possible =
    candidates.length === 0 || candidates.some((candidate) => checkSchema(field, candidate).length === 0);
  if (!possible) document.complain([...path, "value"], `can never pass: ${at} ${issue?.problem ?? "is never that"}`);
}

function checkValue(document: ConfigDocument<PolicyFile>, op: string, value: Json | undefined, path: Path): void {
  if (op === "exists") {
    if (value !== undefined) document.complain([...path, "value"], "has no meaning with exists", "Remove it.", "key");
  } else if (value === undefined) {
    document.complain(path, `compares with "${op}" but names no value`, 'Add "value".');
  } else if (op === "in" || op === "not-in") {
    if (!Array.isArray(value))
      document.complain([...path, "value"], `must be a list for ${op}, but is ${shown(value)}`);
    else if (value.length === 0) {
      document.complain(
        [...path, "value"],
        op === "in" ? "can never pass: nothing is in an empty list" : "excludes nothing",
      );
    }
  } else if (op !== "==" && op !== "!=" && typeof value !== "number") {
    document.complain([...path, "value"], `must be a number for "${op}", but is ${shown(value)}`);
  }
}

/** The tokens of a JSON Pointer (RFC 6901), or undefined when it is not one. */
function tokensOf(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
