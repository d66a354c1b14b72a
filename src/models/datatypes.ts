import type { Tensor } from "../core/ports.ts";
import { fail } from "../kit/errors.ts";
import { nearest } from "../kit/nearest.ts";

/** How the elements of one datatype are carried: in memory, and in the checks of incoming JSON. */
export interface Datatype {
  readonly name: string;
  readonly kind: "bool" | "integer" | "integer64" | "float" | "bytes";
  /** Bytes per element in the binary extension; 0 for BYTES, whose elements carry their own length. */
  readonly size: number;
  readonly min: bigint;
  readonly max: bigint;
  /** A zeroed array of `length` elements; a plain array of empty strings for BYTES. */
  make(length: number): Tensor["data"];
}

const integer = (name: string, bits: 8 | 16 | 32, signed: boolean, make: (length: number) => Tensor["data"]) => ({
  name,
  kind: "integer" as const,
  size: bits / 8,
  min: signed ? -(2n ** BigInt(bits - 1)) : 0n,
  max: signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n,
  make,
});

const all: readonly Datatype[] = [
  { name: "BOOL", kind: "bool", size: 1, min: 0n, max: 1n, make: (n) => new Uint8Array(n) },
  integer("UINT8", 8, false, (n) => new Uint8Array(n)),
  integer("UINT16", 16, false, (n) => new Uint16Array(n)),
  integer("UINT32", 32, false, (n) => new Uint32Array(n)),
  { name: "UINT64", kind: "integer64", size: 8, min: 0n, max: 2n ** 64n - 1n, make: (n) => new BigUint64Array(n) },
  integer("INT8", 8, true, (n) => new Int8Array(n)),
  integer("INT16", 16, true, (n) => new Int16Array(n)),
  integer("INT32", 32, true, (n) => new Int32Array(n)),
  {
    name: "INT64",
    kind: "integer64",
    size: 8,
    min: -(2n ** 63n),
    max: 2n ** 63n - 1n,
    make: (n) => new BigInt64Array(n),
  },
  { name: "FP32", kind: "float", size: 4, min: 0n, max: 0n, make: (n) => new Float32Array(n) },
  { name: "FP64", kind: "float", size: 8, min: 0n, max: 0n, make: (n) => new Float64Array(n) },
  { name: "BYTES", kind: "bytes", size: 0, min: 0n, max: 0n, make: (n) => Array.from({ length: n }, () => "") },
];

const byName: ReadonlyMap<string, Datatype> = new Map(all.map((type) => [type.name, type]));

/** Names of the tensor datatypes of the Open Inference Protocol that can be carried here (FP16 and BF16 cannot). */
export const datatypeNames: readonly string[] = all.map((type) => type.name);

/** The datatype called `name`. @throws UNSUPPORTED naming the nearest known one */
export function datatypeOf(name: string, where: string): Datatype {
  const type = byName.get(name);
  if (type) return type;
  const close = nearest(name, datatypeNames);
  return fail("UNSUPPORTED", {
    message: `${where} has datatype ${JSON.stringify(name.slice(0, 40))}, which is not supported`,
    where,
    next: close ? `Did you mean ${close}?` : `Use one of ${datatypeNames.join(", ")}.`,
  });
}
