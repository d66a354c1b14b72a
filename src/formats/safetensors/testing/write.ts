/** A safetensors file with this header (text or an object) and as many bytes of tensors. */
export function writeSafetensors(header: string | object, dataLength: number, statedLength?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = Buffer.alloc(8 + text.length + dataLength, 7);
  bytes.writeBigUInt64LE(statedLength ?? BigInt(text.length), 0);
  text.copy(bytes, 8);
  return bytes;
}

/** A valid file with two tensors and metadata. */
export function twoTensors(): Uint8Array {
  return writeSafetensors(
    {
      __metadata__: { format: "pt" },
      a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
      b: { dtype: "U8", shape: [5], data_offsets: [24, 29] },
    },
    29,
  );
}
