import type { Handle } from "./handle.ts";
import { isConstant, madeAt } from "./handle.ts";
import type { Machine } from "./machine.ts";
import type { RawGap } from "./machine-port.ts";
import type { Values } from "./values.ts";

const itemLetters = /^[<>|=]?([?a-zA-Z])([0-9]*)$/;

/**
 * What joblib reads from the file right after it has built a `NumpyArrayWrapper`: the array's bytes, since joblib 1.1
 * behind a byte of padding length and the padding; for an object array, a pickle of its own.
 * Source: joblib/numpy_pickle.py, `NumpyArrayWrapper.read_array`.
 */
export function joblibGap(machine: Machine, values: Values, target: Handle): RawGap | undefined {
  const attributes = values.origin(target)?.state;
  if (attributes === undefined) return undefined;
  const shape = attributes.get("shape");
  const items = itemSize(machine, values, attributes.get("dtype"));
  const dimensions = shape === undefined ? undefined : machine.tuples.get(shape);
  if (items === undefined || dimensions === undefined) return undefined;
  if (items === "object") return "pickle";
  let count = 1;
  for (const dimension of dimensions) {
    const size = isConstant(dimension) ? machine.constants.integer(madeAt(dimension)) : undefined;
    if (typeof size !== "bigint" || size < 0n || size > 2n ** 50n) return undefined;
    count *= Number(size);
  }
  const bytes = count * items;
  if (!Number.isSafeInteger(bytes)) return undefined;
  const alignment = attributes.get("numpy_array_alignment_bytes");
  const padded = alignment !== undefined && machine.kind(alignment) === "int";
  return padded ? { padded: bytes } : { bytes };
}

/** Bytes of one item of a `numpy.dtype(text, …)` value, or that its items are objects. */
function itemSize(machine: Machine, values: Values, dtype: Handle | undefined): number | "object" | undefined {
  const origin = dtype === undefined ? undefined : values.origin(dtype);
  const first = origin?.items?.[0];
  const text = first !== undefined && isConstant(first) ? machine.constants.text(madeAt(first)) : undefined;
  const match = text === undefined ? null : itemLetters.exec(text);
  if (match === null) return undefined;
  const [, letter, digits] = match;
  if (letter === "O") return "object";
  const size = digits === "" ? 1 : Number(digits);
  return letter === "U" ? size * 4 : size;
}
