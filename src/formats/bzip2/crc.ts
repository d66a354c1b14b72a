const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

/** bzip2's CRC-32 (polynomial 04C11DB7, highest bit first) of bytes[from, to), without the final complement. */
export function bzipCrc(bytes: Uint8Array, from: number, to: number, sum: number): number {
  for (let at = from; at < to; at++) sum = (sum << 8) ^ table[(sum >>> 24) ^ bytes[at]!]!;
  return sum >>> 0;
}
