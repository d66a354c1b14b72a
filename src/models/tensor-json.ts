import type { Tensor } from "../core/ports.ts";
import { fail } from "../kit/errors.ts";
import { type Datatype, datatypeOf } from "./datatypes.ts";
import { defaultTensorLimits, elementsOf, shapeOf, show, type TensorLimits } from "./shape.ts";

/** The members of a JSON tensor of the Open Inference Protocol that matter here. */
export interface TensorJson {
  readonly datatype: string;
  readonly shape: unknown;
  readonly data: unknown;
}

/**
 * A tensor from its Open Inference Protocol JSON form. `data` is row-major, flat or nested exactly as the shape says.
 *
 * Numbers must be finite and fit the datatype: a value that would become infinite as FP32 is refused, not rounded.
 * 64-bit integers beyond ±2^53 must be written as decimal text, because a JSON number has lost digits by then.
 * Booleans are `true`/`false`; BYTES elements are text.
 * @throws MALFORMED, UNSUPPORTED, LIMIT naming `where` and the element
 */
export function tensorFromJson(json: TensorJson, where: string, limits: TensorLimits = defaultTensorLimits): Tensor {
  const type = datatypeOf(json.datatype, where);
  const shape = shapeOf(json.shape, where, limits);
  const count = elementsOf(shape);
  if (!Array.isArray(json.data)) return fail("MALFORMED", { message: `${where} has no data (an array)`, where });
  const given = json.data as readonly unknown[];
  const nested = shape.length > 1 && Array.isArray(given[0]);
  const flat = nested ? flatten(given, shape, where) : given;
  if (flat.length !== count) {
    fail("MALFORMED", {
      message: `${where} has shape [${shape.join(", ")}], which is ${count} elements, but data holds ${flat.length}`,
      where,
    });
  }
  return { datatype: type.name, shape, data: readElements(flat, type, where) };
}

/** The elements of nested row-major `data` in order. @throws MALFORMED when the nesting is not what `shape` says */
function flatten(data: readonly unknown[], shape: readonly number[], where: string): readonly unknown[] {
  const out: unknown[] = [];
  const visit = (level: readonly unknown[], depth: number): void => {
    if (level.length !== shape[depth]) {
      fail("MALFORMED", {
        message: `${where}: dimension ${depth} of the nested data holds ${level.length} items where the shape says ${shape[depth]}`,
        where,
      });
    }
    if (depth === shape.length - 1) {
      for (const item of level) out.push(item);
      return;
    }
    for (const item of level) {
      if (!Array.isArray(item)) fail("MALFORMED", { message: `${where}: the nested data is not nested evenly`, where });
      visit(item as readonly unknown[], depth + 1);
    }
  };
  visit(data, 0);
  return out;
}

function readElements(flat: readonly unknown[], type: Datatype, where: string): Tensor["data"] {
  const bad = (index: number, why: string): never =>
    fail("MALFORMED", {
      message: `${where}: element ${index} (${show(flat[index])}) ${why}`,
      where: `${where}[${index}]`,
    });
  const data = type.make(flat.length);
  if (type.kind === "bytes") {
    for (const [index, item] of flat.entries()) if (typeof item !== "string") bad(index, "is not text, as BYTES needs");
    return flat as readonly string[];
  }
  if (type.kind === "integer64") {
    const big = data as BigInt64Array;
    for (let index = 0; index < flat.length; index++) {
      const value = bigOf(flat[index]);
      if (value === undefined) bad(index, `is not a whole ${type.name}; write numbers beyond 2^53 as text`);
      else if (value < type.min || value > type.max) bad(index, `does not fit ${type.name}`);
      else big[index] = value;
    }
    return big;
  }
  const numbers = data as Float64Array;
  const min = Number(type.min);
  const max = Number(type.max);
  for (let index = 0; index < flat.length; index++) {
    const item = flat[index];
    if (type.kind === "bool") {
      if (typeof item !== "boolean") bad(index, "is not true or false");
      numbers[index] = item ? 1 : 0;
      continue;
    }
    if (typeof item !== "number") return bad(index, `is not a number, as ${type.name} needs`);
    if (type.kind === "integer" && !(Number.isInteger(item) && item >= min && item <= max)) {
      bad(index, `is not a whole number that fits ${type.name}`);
    }
    numbers[index] = item;
    if (!Number.isFinite(numbers[index])) bad(index, `does not fit ${type.name}: numbers must be finite`);
  }
  return numbers;
}

function bigOf(value: unknown): bigint | undefined {
  if (Number.isSafeInteger(value)) return BigInt(value as number);
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/**
 * The JSON text `{"name":…,"datatype":…,"shape":…,"data":…}` of a tensor, data flat and row-major.
 * Integers are written with all their digits. A NaN or infinity has no JSON form, so it is refused, never written as null.
 * @throws UNSUPPORTED naming the tensor and element
 */
export function tensorToJson(name: string, tensor: Tensor): string {
  return `{"name":${JSON.stringify(name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(",")}],"data":[${writeData(name, tensor)}]}`;
}

function writeData(name: string, { datatype, data }: Tensor): string {
  if (Array.isArray(data)) return data.map((item: string) => JSON.stringify(item)).join(",");
  if (datatype === "BOOL") return Array.from(data as Uint8Array, (item) => (item ? "true" : "false")).join(",");
  if (datatype === "FP32" || datatype === "FP64") {
    const at = (data as Float64Array).findIndex((item) => !Number.isFinite(item));
    if (at >= 0) {
      fail("UNSUPPORTED", {
        message: `Output ${JSON.stringify(name)}: element ${at} is ${String(data[at])}, which JSON cannot carry`,
        where: `${name}[${at}]`,
        next: "Ask for binary output (parameters.binary_data), or look at why the model yields it.",
      });
    }
  }
  return (data as Float64Array).join(",");
}
