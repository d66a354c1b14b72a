import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";
import { nearest } from "../kit/nearest.ts";

/** A raw column and the features it becomes, in feature order. */
export type ColumnEncoding =
  | { readonly column: string; readonly kind: "number" }
  | {
      readonly column: string;
      readonly kind: "one-hot";
      /** One feature per level, in this order. */
      readonly levels: readonly string[];
      /** What a value outside the levels does: an error (the default), or all zeros for this column. */
      readonly unlisted: "refuse" | "zeros";
    };

/**
 * How named raw columns become one FP32 [N, width] tensor: each column in turn adds one feature (a number) or one per
 * level (one-hot). Shipped beside a model as `encoding.json`, so it is signed and registered with it.
 */
export interface FeatureEncoding {
  /** Name of the model's input tensor. */
  readonly input: string;
  readonly columns: readonly ColumnEncoding[];
  /** Number of features. */
  readonly width: number;
}

const maxColumns = 4096;
const maxFeatures = 1_000_000;

/**
 * Reads `encoding.json`: `{"version":1,"input":"input","columns":[{"column":"age","kind":"number"},
 * {"column":"housing","kind":"one-hot","levels":["A151","A152"],"unlisted":"zeros"}]}`.
 * @throws MALFORMED, UNSUPPORTED, LIMIT naming the column
 */
export function parseFeatureEncoding(bytes: Uint8Array | string, what = "encoding.json"): FeatureEncoding {
  const json = jsonObject(parseJson(bytes, what, 16 * 1024 * 1024), what);
  onlyKeys(json, ["version", "input", "columns"], what);
  if (json["version"] !== 1)
    fail("UNSUPPORTED", `${what} has version ${JSON.stringify(json["version"])}; this program reads version 1`);
  const input = jsonString(json["input"], `${what}: input`);
  const given = jsonArray(json["columns"], `${what}: columns`);
  if (given.length === 0 || given.length > maxColumns)
    fail("LIMIT", `${what} has ${given.length} columns; 1 to ${maxColumns} are possible`);
  const names = new Set<string>([input]);
  const columns = given.map((item, index) => {
    const column = parseColumn(item, `${what}: columns[${index}]`);
    if (names.has(column.column)) {
      fail(
        "MALFORMED",
        `${what}: the name ${JSON.stringify(column.column)} is used twice (columns and the input tensor need different names)`,
      );
    }
    names.add(column.column);
    return column;
  });
  const width = columns.reduce((sum, column) => sum + (column.kind === "number" ? 1 : column.levels.length), 0);
  if (width > maxFeatures) fail("LIMIT", `${what} makes more than ${maxFeatures} features`);
  return { input, columns, width };
}

function parseColumn(value: unknown, where: string): ColumnEncoding {
  const json = jsonObject(value, where);
  const column = jsonString(json["column"], `${where}: column`);
  if (column === "") fail("MALFORMED", `${where}: column is empty`);
  if (json["kind"] === "number") {
    onlyKeys(json, ["column", "kind"], where);
    return { column, kind: "number" };
  }
  if (json["kind"] !== "one-hot") return fail("UNSUPPORTED", `${where}: kind is neither "number" nor "one-hot"`);
  onlyKeys(json, ["column", "kind", "levels", "unlisted"], where);
  const levels = jsonArray(json["levels"], `${where}: levels`).map((level) => jsonString(level, `${where}: a level`));
  if (levels.length === 0 || new Set(levels).size !== levels.length)
    fail("MALFORMED", `${where}: levels are empty or repeat`);
  const unlisted = json["unlisted"] ?? "refuse";
  if (unlisted !== "refuse" && unlisted !== "zeros")
    return fail("MALFORMED", `${where}: unlisted is neither "refuse" nor "zeros"`);
  return { column, kind: "one-hot", levels, unlisted };
}

function onlyKeys(json: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(json)) {
    if (known.includes(key)) continue;
    const close = nearest(key, known);
    fail("MALFORMED", {
      message: `${where} has an unknown member ${JSON.stringify(key.slice(0, 80))}`,
      where,
      ...(close ? { next: `Did you mean "${close}"?` } : {}),
    });
  }
}
