import type { Tensor } from "../core/ports.ts";
import { fail } from "../kit/errors.ts";
import { nearest } from "../kit/nearest.ts";
import type { ColumnEncoding, FeatureEncoding } from "./feature-encoding.ts";
import { show } from "./shape.ts";

/**
 * Turns named raw columns into the FP32 [N, width] tensor the model takes. Every declared column must be there, once,
 * with shape [N] or [N, 1] and the same N; numbers in any numeric datatype, categories as BYTES.
 * @throws MALFORMED, LIMIT naming the column, the row (counted from 0) and the nearest valid name
 */
export function encodeColumns(
  encoding: FeatureEncoding,
  columns: ReadonlyMap<string, Tensor>,
  maxElements = 16_777_216,
): Tensor {
  const names = encoding.columns.map((column) => column.column);
  const known = new Set(names);
  const missing = names.filter((name) => !columns.has(name));
  for (const name of columns.keys()) {
    if (known.has(name)) continue;
    const close = nearest(name, missing.length > 0 ? missing : names);
    fail("MALFORMED", {
      message: `There is no column ${show(name)}`,
      where: name.slice(0, 80),
      next: close ? `Did you mean "${close}"?` : `The columns are ${names.join(", ")}.`,
    });
  }
  if (missing.length > 0) {
    fail("MALFORMED", {
      message: `Column ${missing.map((name) => `"${name}"`).join(", ")} is missing`,
      where: missing[0],
      next: `Send one input per column: ${names.join(", ")}.`,
    });
  }
  const rows = rowsOf(names[0]!, columns.get(names[0]!)!);
  if (rows * encoding.width > maxElements)
    fail("LIMIT", `${rows} rows of ${encoding.width} features are more than ${maxElements} elements`);
  const data = new Float32Array(rows * encoding.width);
  let first = 0;
  for (const column of encoding.columns) {
    const tensor = columns.get(column.column)!;
    const n = rowsOf(column.column, tensor);
    if (n !== rows) {
      fail("MALFORMED", {
        message: `Column "${column.column}" has ${n} rows, column "${names[0]}" has ${rows}`,
        where: column.column,
      });
    }
    if (column.kind === "number") fillNumbers(column.column, tensor, data, first, encoding.width);
    else fillLevels(column, tensor, data, first, encoding.width);
    first += column.kind === "number" ? 1 : column.levels.length;
  }
  return { datatype: "FP32", shape: [rows, encoding.width], data };
}

function rowsOf(name: string, { shape }: Tensor): number {
  const [rows, one] = shape;
  if (rows === undefined || shape.length > 2 || (shape.length === 2 && one !== 1)) {
    return fail("MALFORMED", {
      message: `Column "${name}" has shape [${shape.join(", ")}]; a column is [N] or [N, 1]`,
      where: name,
    });
  }
  return rows;
}

function fillNumbers(name: string, tensor: Tensor, out: Float32Array, first: number, width: number): void {
  if (tensor.datatype === "BYTES" || tensor.datatype === "BOOL") {
    fail("MALFORMED", {
      message: `Column "${name}" is a number, but row 0 came as ${tensor.datatype}`,
      where: `${name}[0]`,
      next: "Send it as FP32, FP64 or an integer datatype.",
    });
  }
  const values = tensor.data as ArrayLike<number | bigint>;
  for (let row = 0; row < values.length; row++) {
    const value = Math.fround(Number(values[row]));
    if (!Number.isFinite(value)) {
      fail("MALFORMED", {
        message: `Column "${name}", row ${row}: ${String(values[row])} is not a finite FP32 number`,
        where: `${name}[${row}]`,
      });
    }
    out[row * width + first] = value;
  }
}

function fillLevels(
  column: Extract<ColumnEncoding, { kind: "one-hot" }>,
  tensor: Tensor,
  out: Float32Array,
  first: number,
  width: number,
): void {
  if (tensor.datatype !== "BYTES") {
    fail("MALFORMED", {
      message: `Column "${column.column}" is a category, but row 0 came as ${tensor.datatype}`,
      where: `${column.column}[0]`,
      next: `Send it as BYTES, one of ${levelList(column.levels)}.`,
    });
  }
  for (const [row, value] of (tensor.data as readonly string[]).entries()) {
    const level = column.levels.indexOf(value);
    if (level >= 0) {
      out[row * width + first + level] = 1;
    } else if (column.unlisted === "refuse") {
      const close = nearest(value, column.levels);
      fail("MALFORMED", {
        message: `Column "${column.column}", row ${row}: ${show(value)} is not one of its levels`,
        where: `${column.column}[${row}]`,
        next: close ? `Did you mean "${close}"?` : `The levels are ${levelList(column.levels)}.`,
      });
    }
  }
}

function levelList(levels: readonly string[]): string {
  return levels.length > 20 ? `${levels.slice(0, 20).join(", ")} … (${levels.length} in all)` : levels.join(", ");
}
