const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);

/** True when `bytes` begin an xz stream. */
export function isXz(bytes: Uint8Array): boolean {
  return bytes.length >= 12 && magic.every((byte, index) => bytes[index] === byte);
}
