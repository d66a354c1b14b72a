/** A .npy file with this header text (padded to 64 bytes as NumPy does) and these bytes after it. */
export function writeNpy(header: string, data: Uint8Array | number, version: 1 | 2 | 3 = 1): Uint8Array {
  const fixed = version === 1 ? 10 : 12;
  const text = Buffer.from(header, version === 3 ? "utf8" : "latin1");
  const padded = Buffer.concat([
    text,
    Buffer.alloc((64 - ((fixed + text.length + 1) % 64)) % 64, " "),
    Buffer.from("\n"),
  ]);
  const start = Buffer.alloc(fixed);
  start.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) start.writeUInt16LE(padded.length, 8);
  else start.writeUInt32LE(padded.length, 8);
  return Buffer.concat([start, padded, typeof data === "number" ? Buffer.alloc(data, 3) : data]);
}

/** The header NumPy writes for one dtype and shape. */
export function npyHeader(descr: string, shape: string): string {
  return `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
}
