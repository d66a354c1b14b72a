import type { ByteSource } from "../../core/byte-source.ts";

// Signatures and field layouts of PKWARE APPNOTE 6.3.10 §4.3.
export const signatures = {
  local: Buffer.from([0x50, 0x4b, 3, 4]),
  central: Buffer.from([0x50, 0x4b, 1, 2]),
  end: Buffer.from([0x50, 0x4b, 5, 6]),
  end64: Buffer.from([0x50, 0x4b, 6, 6]),
  locator64: Buffer.from([0x50, 0x4b, 6, 7]),
  descriptor: Buffer.from([0x50, 0x4b, 7, 8]),
} as const;

/** General purpose flags that change how a member is read. */
export const flag = { encrypted: 1, descriptor: 8, patch: 32, strong: 64, utf8: 0x800, masked: 0x2000 } as const;

/** One extra field (§4.5). */
export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** What local headers and directory entries have in common, with zip64 values filled in. */
export interface ZipHeader {
  readonly offset: number;
  /** Bytes of the header with its name, extra fields and comment. */
  readonly length: number;
  readonly flags: number;
  readonly method: number;
  readonly time: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly rawName: Buffer;
  readonly extras: readonly ExtraField[];
  /** Bytes at the end of the extra area that are no field. */
  readonly strayExtra: number;
}

export interface DirectoryEntry extends ZipHeader {
  /** Where the entry says its local header is, before any shift. */
  readonly headerOffset: number;
  readonly disk: number;
  readonly madeBy: number;
  readonly external: number;
  readonly comment: Buffer;
}

const full16 = 0xffff;
const full32 = 0xffffffff;

/** A view of `length` bytes at `offset`, shorter at the end of the source. */
export function bufferAt(source: ByteSource, offset: number, length: number): Buffer {
  if (offset < 0) return Buffer.alloc(0);
  const bytes = source.read(offset, length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A 64-bit number; beyond 2^53 it is rounded, which is out of every file's bounds anyway. */
export function uint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

/** Splits an extra area into its fields. */
export function extraFields(area: Buffer): { fields: ExtraField[]; stray: number } {
  const fields: ExtraField[] = [];
  let at = 0;
  while (at + 4 <= area.length) {
    const length = area.readUInt16LE(at + 2);
    if (at + 4 + length > area.length) break;
    fields.push({ id: area.readUInt16LE(at), data: area.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return { fields, stray: area.length - at };
}

/** Values of the zip64 field (§4.5.3), in the order of those whose 32-bit form is full. */
function zip64Values(fields: readonly ExtraField[], wanted: readonly boolean[]): (number | undefined)[] {
  const data = fields.find(({ id }) => id === 1)?.data;
  let at = 0;
  return wanted.map((want) => {
    if (!want || !data || at + 8 > data.length) return undefined;
    at += 8;
    return uint64(data, at - 8);
  });
}

/** The local header at `offset`; undefined where none is. */
export function localHeader(source: ByteSource, offset: number): ZipHeader | undefined {
  // Most names and extra fields fit the first read.
  let bytes = bufferAt(source, offset, 512);
  if (bytes.length < 30 || !bytes.subarray(0, 4).equals(signatures.local)) return undefined;
  const nameLength = bytes.readUInt16LE(26);
  const length = 30 + nameLength + bytes.readUInt16LE(28);
  if (length > bytes.length) bytes = bufferAt(source, offset, length);
  if (length > bytes.length) return undefined;
  const { fields, stray } = extraFields(bytes.subarray(30 + nameLength, length));
  const packedSize = bytes.readUInt32LE(18);
  const size = bytes.readUInt32LE(22);
  const [size64, packed64] = zip64Values(fields, [size === full32, packedSize === full32]);
  return {
    offset,
    length,
    flags: bytes.readUInt16LE(6),
    method: bytes.readUInt16LE(8),
    time: bytes.readUInt32LE(10),
    crc: bytes.readUInt32LE(14),
    packedSize: packed64 ?? packedSize,
    size: size64 ?? size,
    rawName: bytes.subarray(30, 30 + nameLength),
    extras: fields,
    strayExtra: stray,
  };
}

/**
 * The directory entry at `at` of `bytes`, which lie at `base` of the file; undefined where none is or it is cut off. With `cut`,
 * an entry whose name or extra area ends early is read as far as it goes, as Python does.
 */
export function directoryEntry(bytes: Buffer, at: number, base: number, cut = false): DirectoryEntry | undefined {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) return undefined;
  const nameLength = bytes.readUInt16LE(at + 28);
  const extraLength = bytes.readUInt16LE(at + 30);
  const stated = 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32);
  if (at + stated > bytes.length && !cut) return undefined;
  const length = Math.min(stated, bytes.length - at);
  const nameEnd = at + 46 + nameLength;
  const { fields, stray } = extraFields(bytes.subarray(nameEnd, nameEnd + extraLength));
  const packedSize = bytes.readUInt32LE(at + 20);
  const size = bytes.readUInt32LE(at + 24);
  const disk = bytes.readUInt16LE(at + 34);
  const headerOffset = bytes.readUInt32LE(at + 42);
  const [size64, packed64, offset64] = zip64Values(fields, [
    size === full32,
    packedSize === full32,
    headerOffset === full32,
  ]);
  return {
    offset: base + at,
    length,
    madeBy: bytes.readUInt16LE(at + 4),
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    time: bytes.readUInt32LE(at + 12),
    crc: bytes.readUInt32LE(at + 16),
    packedSize: packed64 ?? packedSize,
    size: size64 ?? size,
    disk: disk === full16 ? 0 : disk,
    external: bytes.readUInt32LE(at + 38),
    headerOffset: offset64 ?? headerOffset,
    rawName: bytes.subarray(at + 46, nameEnd),
    comment: bytes.subarray(nameEnd + extraLength, at + length),
    extras: fields,
    strayExtra: stray,
  };
}
