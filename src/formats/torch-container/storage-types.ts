// Bytes of one item of each typed storage, from torch/csrc/DynamicTypes.cpp and torch/storage.py (`_dtype_to_storage_type_map`).
const itemBytes: ReadonlyMap<string, number> = new Map([
  ["ComplexDoubleStorage", 16],
  ["ComplexFloatStorage", 8],
  ["DoubleStorage", 8],
  ["LongStorage", 8],
  ["FloatStorage", 4],
  ["IntStorage", 4],
  ["QInt32Storage", 4],
  ["HalfStorage", 2],
  ["BFloat16Storage", 2],
  ["ShortStorage", 2],
  ["CharStorage", 1],
  ["ByteStorage", 1],
  ["BoolStorage", 1],
  ["QInt8Storage", 1],
  ["QUInt8Storage", 1],
  ["QUInt4x2Storage", 1],
  ["QUInt2x4Storage", 1],
  ["UntypedStorage", 1],
]);

/** Bytes of one item of the storage type with this name ("FloatStorage"). */
export function storageItemBytes(name: string): number | undefined {
  return itemBytes.get(name);
}

/** A storage that a pickle asks for. */
export interface StorageRequest {
  /** As the pickle names it: "torch.FloatStorage". */
  readonly type: string;
  readonly key: string;
  /** Bytes the storage must have. */
  readonly size: number;
}

/**
 * The storage that a persistent id asks for, from the text the pickle examination gives it:
 * `("storage", torch.FloatStorage, "0", "cpu", 72)`. Undefined for any other form.
 */
export function storageRequest(id: string): StorageRequest | undefined {
  const match = /^\("storage", (torch\.(?:cuda\.|storage\.)?(\w+)), "([^"\\]*)", "[^"\\]*", (\d{1,15})[,)]/.exec(id);
  if (!match) return undefined;
  const [, type, name, key, count] = match;
  const bytes = itemBytes.get(name!);
  return bytes === undefined ? undefined : { type: type!, key: key!, size: bytes * Number(count) };
}
