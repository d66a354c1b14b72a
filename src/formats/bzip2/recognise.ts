/** True when `bytes` begin like a bzip2 stream with a block, or an empty stream. */
export function isBzip2(bytes: Uint8Array): boolean {
  if (bytes.length < 14 || bytes[0] !== 0x42 || bytes[1] !== 0x5a || bytes[2] !== 0x68) return false;
  if (bytes[3]! < 0x31 || bytes[3]! > 0x39) return false;
  const magic = Buffer.from(bytes.subarray(4, 10)).toString("hex");
  return magic === "314159265359" || magic === "177245385090";
}
