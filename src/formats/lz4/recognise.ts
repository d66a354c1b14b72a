// Magic numbers of lz4_Frame_format.md 1.6.4.
export const frameMagic = 0x184d2204;
export const legacyMagic = 0x184c2102;

/** True when `bytes` begin an LZ4 frame, of today's format or the legacy one. */
export function isLz4(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = uint32(bytes, 0);
  if (magic === legacyMagic) return true;
  return magic === frameMagic && bytes.length >= 7 && bytes[4]! >>> 6 === 1 && (bytes[4]! & 2) === 0;
}

/** True for frames that carry no data of the format and that every LZ4 and Zstandard decoder steps over. */
export function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
}

/** The little-endian number of four bytes at `at`. */
export function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
