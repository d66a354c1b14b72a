import fc from "fast-check";

type Edit =
  | { readonly kind: "set"; readonly at: number; readonly value: number }
  | { readonly kind: "cut"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "word"; readonly at: number; readonly value: bigint }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number };

/**
 * Damaged versions of a valid file: bytes set, removed, inserted, repeated, and 64-bit words replaced by values that overflow.
 * `front` is the part in which most of the edits fall (headers matter more than tensors).
 */
export function mutations(original: Uint8Array, front = original.length): fc.Arbitrary<Uint8Array> {
  const place = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: Math.max(0, Math.min(front, original.length) - 1) }) },
    { weight: 1, arbitrary: fc.nat({ max: Math.max(0, original.length - 1) }) },
  );
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), at: place, value: fc.nat({ max: 255 }) }),
    fc.record({ kind: fc.constant("cut" as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
    fc.record({
      kind: fc.constant("insert" as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 32 }),
    }),
    fc.record({
      kind: fc.constant("word" as const),
      at: place,
      value: fc.constantFrom(0n, 1n, 0xffn, 0x7fffffffn, 0xffffffffn, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n),
    }),
    fc.record({ kind: fc.constant("repeat" as const), at: place, length: fc.integer({ min: 1, max: 256 }) }),
  );
  return fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => edits.reduce(apply, original));
}

function apply(bytes: Uint8Array, edit: Edit): Uint8Array {
  const { at } = edit;
  if (edit.kind === "cut") return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + edit.length)]);
  if (edit.kind === "insert") return Buffer.concat([bytes.subarray(0, at), edit.bytes, bytes.subarray(at)]);
  if (edit.kind === "repeat") {
    return Buffer.concat([bytes.subarray(0, at + edit.length), bytes.subarray(at)]);
  }
  const copy = Uint8Array.from(bytes);
  if (edit.kind === "set") {
    if (at < copy.length) copy[at] = edit.value;
  } else if (at + 8 <= copy.length) {
    new DataView(copy.buffer).setBigUint64(at, edit.value, true);
  }
  return copy;
}
