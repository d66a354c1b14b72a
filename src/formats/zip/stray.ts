import type { ByteSource } from "../../core/byte-source.ts";
import type { Extent } from "../container/coverage.ts";
import { placesOf } from "../container/coverage.ts";
import { methodNames } from "./archive.ts";
import type { ZipHeader } from "./records.ts";
import { bufferAt, flag, localHeader, signatures } from "./records.ts";

/** A local header that no directory names, with the extent of its data. */
export interface StrayMember {
  readonly header: ZipHeader;
  readonly dataEnd: number;
  /** The end of the data is not known: it was written as it came. */
  readonly open: boolean;
}

/** Local headers in `gap`, as a reader finds them that works from front to back. */
export function* strayMembers(source: ByteSource, gap: Extent, tick: () => void): Generator<StrayMember, void, void> {
  let from = gap.start;
  for (const place of placesOf(source, signatures.local, gap.start, gap.end)) {
    tick();
    if (place < from) continue;
    const header = localHeader(source, place);
    if (!header || !plausible(header) || place + header.length > gap.end) continue;
    const start = place + header.length;
    const open = (header.flags & flag.descriptor) !== 0 && header.packedSize === 0;
    const dataEnd = open ? gap.end : Math.min(gap.end, start + header.packedSize);
    yield { header, dataEnd, open };
    if (!open) from = dataEnd;
  }
}

function plausible({ method, rawName, flags, size, packedSize }: ZipHeader): boolean {
  if (!methodNames.has(method) || rawName.length === 0 || rawName.length > 4096) return false;
  // Bits that no tool sets: chance bytes.
  if (flags & 0xd780) return false;
  return method !== 0 || (flags & (flag.encrypted | flag.descriptor)) !== 0 || size === packedSize;
}

/**
 * Length of the data descriptor (§4.3.9) at `offset`: with or without signature, with sizes of 4 or 8 bytes. 0 when none fits
 * what the directory says.
 */
export function descriptorLength(
  source: ByteSource,
  offset: number,
  crc: number,
  packedSize: number,
  size: number,
): number {
  const bytes = bufferAt(source, offset, 24);
  for (const head of [4, 0]) {
    if (head === 4 && !(bytes.length >= 4 && bytes.subarray(0, 4).equals(signatures.descriptor))) continue;
    for (const width of [4, 8]) {
      const length = head + 4 + 2 * width;
      if (length > bytes.length || bytes.readUInt32LE(head) !== crc) continue;
      const packed = bytes.readUIntLE(head + 4, Math.min(width, 6));
      const plain = bytes.readUIntLE(head + 4 + width, Math.min(width, 6));
      if (packed === packedSize && plain === size) return length;
    }
  }
  return 0;
}
