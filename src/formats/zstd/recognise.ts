/** True when `bytes` begin a Zstandard frame. */
export function isZstd(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 6 &&
    bytes[0] === 0x28 &&
    bytes[1] === 0xb5 &&
    bytes[2] === 0x2f &&
    bytes[3] === 0xfd &&
    (bytes[4]! & 8) === 0
  );
}
