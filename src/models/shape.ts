import { fail } from "../kit/errors.ts";

/** Bounds on one incoming tensor. */
export interface TensorLimits {
  /** Most elements of one tensor. */
  readonly maxElements: number;
  /** Most dimensions. */
  readonly maxRank: number;
}

export const defaultTensorLimits: TensorLimits = { maxElements: 16_777_216, maxRank: 8 };

/**
 * `value` as a tensor shape: dimensions from 0 up, their product within the limits. No dimensions means one element.
 * @throws MALFORMED, LIMIT naming `where`
 */
export function shapeOf(value: unknown, where: string, limits: TensorLimits = defaultTensorLimits): readonly number[] {
  if (!Array.isArray(value)) return fail("MALFORMED", { message: `${where} has no shape (an array of sizes)`, where });
  if (value.length > limits.maxRank)
    fail("LIMIT", { message: `${where} has more than ${limits.maxRank} dimensions`, where });
  let elements = 1;
  for (const size of value as unknown[]) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      fail("MALFORMED", { message: `${where}: a shape holds whole numbers from 0 up, not ${show(size)}`, where });
    }
    // A zero anywhere must not hide absurd sizes elsewhere, so the bound applies to the other dimensions alone too.
    if (size !== 0) elements *= size as number;
    if (elements > limits.maxElements)
      fail("LIMIT", { message: `${where} has more than ${limits.maxElements} elements`, where });
  }
  return value as number[];
}

/** Number of elements of a tensor of this shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A short, safe rendering of an unexpected JSON value for messages. */
export function show(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
