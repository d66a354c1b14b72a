/** A varint of a non-negative number. */
export function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

type Written = string | number | bigint | Uint8Array;

/** A protobuf message of these fields, in this order: numbers become varints, texts and bytes length-delimited. */
export function proto(...fields: readonly (readonly [number: number, value: Written])[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === "number" || typeof value === "bigint") {
        return Buffer.concat([varintBytes(number * 8), varintBytes(value)]);
      }
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      return Buffer.concat([varintBytes(number * 8 + 2), varintBytes(bytes.length), bytes]);
    }),
  );
}
