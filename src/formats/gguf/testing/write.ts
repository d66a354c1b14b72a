/** A value with the type it is written as; arrays name their element type. */
export type Written =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "u32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "raw"; readonly bytes: Uint8Array };

export interface WrittenTensor {
  readonly name: string;
  readonly dimensions: readonly (number | bigint)[];
  readonly type: number;
  readonly offset: number | bigint;
}

/** A GGUF file as described, right or wrong; `data` follows the header after padding to 32 bytes. */
export function writeGguf(parts: {
  readonly version?: 1 | 2 | 3;
  readonly bigEndian?: boolean;
  readonly metadata?: readonly (readonly [string, Written])[];
  readonly tensors?: readonly WrittenTensor[];
  readonly data?: number | Uint8Array;
  readonly tensorCount?: bigint;
  readonly entryCount?: bigint;
}): Uint8Array {
  const { version = 3, bigEndian = false, metadata = [], tensors = [], data = 0 } = parts;
  const u32 = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (bigEndian) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  };
  const u64 = (value: number | bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    if (bigEndian) bytes.writeBigUInt64BE(BigInt(value));
    else bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const count = (value: number | bigint): Buffer => (version === 1 ? u32(Number(value)) : u64(value));
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    return Buffer.concat([count(bytes.length), bytes]);
  };
  const value = (written: Written): Buffer => {
    if (written.type === "string") return Buffer.concat([u32(8), text(written.value)]);
    if (written.type === "u32") return Buffer.concat([u32(4), u32(written.value)]);
    if (written.type === "bool") return Buffer.concat([u32(7), Buffer.from([written.value ? 1 : 0])]);
    if (written.type === "raw") return Buffer.from(written.bytes);
    return Buffer.concat([u32(9), u32(8), count(written.value.length), ...written.value.map(text)]);
  };
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(version),
    count(parts.tensorCount ?? tensors.length),
    count(parts.entryCount ?? metadata.length),
    ...metadata.map(([key, written]) => Buffer.concat([text(key), value(written)])),
    ...tensors.map(({ name, dimensions, type, offset }) =>
      Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(count), u32(type), u64(offset)]),
    ),
  ]);
  const padding = Buffer.alloc((32 - (header.length % 32)) % 32);
  return Buffer.concat([header, padding, typeof data === "number" ? Buffer.alloc(data, 1) : data]);
}
