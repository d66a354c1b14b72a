import type { Literal } from "./literal.ts";

/** What a dtype descriptor makes of each element. */
export interface Dtype {
  /** Bytes of one element; 0n is possible ("S0"). */
  readonly size: bigint;
  /** Elements are Python objects: their values come from a pickle. */
  readonly objects: boolean;
}

/** Bytes per unit of the one-letter kinds whose sizes NumPy fixes. */
const plain =
  /^[<>=|]?(?:b1|i[1248]|u[1248]|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[mM]8(?:\[[0-9]{0,9}[A-Za-z]{1,2}(?:\/[0-9]{1,9})?\])?)$/;
const counted = /^[<>=|]?([SaUV])([0-9]{1,18})$/;
const object = /^[<>=|]?O[48]?$/;
const deepest = 16;

/**
 * The dtype a header's `descr` states, in the forms `numpy.lib.format.dtype_to_descr` writes: a type string, a list of fields
 * (name, type[, shape]), or (type, shape). Undefined for everything else `numpy.dtype` might accept ("float32", "object", "i4,O"):
 * such headers are not written by NumPy, and what they load is not known.
 */
export function readDtype(descr: Literal, depth = 0): Dtype | undefined {
  if (depth > deepest) return undefined;
  if (typeof descr === "string") return ofText(descr);
  if (typeof descr !== "object" || descr === null) return undefined;
  if ("tuple" in descr) {
    const [inner, shape, ...more] = descr.tuple;
    if (inner === undefined || shape === undefined || more.length > 0) return undefined;
    return times(readDtype(inner, depth + 1), shape);
  }
  if (!("list" in descr)) return undefined;
  let size = 0n;
  let objects = false;
  for (const field of descr.list) {
    if (typeof field !== "object" || field === null || !("tuple" in field)) return undefined;
    const [name, type, shape, ...more] = field.tuple;
    if (!isFieldName(name) || type === undefined || more.length > 0) return undefined;
    const dtype = readDtype(type, depth + 1);
    const whole = shape === undefined ? dtype : times(dtype, shape);
    if (!whole) return undefined;
    size += whole.size;
    objects ||= whole.objects;
  }
  return { size, objects };
}

/** Product of the whole numbers of a shape, or undefined when it is none. */
export function countOf(shape: Literal): bigint | undefined {
  const dimensions =
    typeof shape === "object" && shape !== null ? ("tuple" in shape ? shape.tuple : undefined) : [shape];
  if (!dimensions || dimensions.length > 64) return undefined;
  let count = 1n;
  for (const dimension of dimensions) {
    if ((typeof dimension !== "number" && typeof dimension !== "bigint") || dimension < 0) return undefined;
    count *= BigInt(dimension);
  }
  return count;
}

function times(dtype: Dtype | undefined, shape: Literal): Dtype | undefined {
  const count = countOf(shape);
  return dtype && count !== undefined ? { size: dtype.size * count, objects: dtype.objects } : undefined;
}

function isFieldName(name: Literal | undefined): boolean {
  if (typeof name === "string") return true;
  return (
    typeof name === "object" &&
    name !== null &&
    "tuple" in name &&
    name.tuple.length === 2 &&
    name.tuple.every((part) => typeof part === "string")
  );
}

function ofText(text: string): Dtype | undefined {
  if (object.test(text)) return { size: 8n, objects: true };
  const letters = counted.exec(text);
  if (letters) return { size: BigInt(letters[2]!) * (letters[1] === "U" ? 4n : 1n), objects: false };
  if (!plain.test(text)) return undefined;
  const size = /[mM]/.test(text) ? "8" : /[0-9]+$/.exec(text)![0];
  return { size: BigInt(size), objects: false };
}
