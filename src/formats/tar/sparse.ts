import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { SparseRun } from "./archive.ts";
import { blockSize, number } from "./header.ts";
import { paxNumber } from "./pax.ts";

/** How a sparse file is stored: its runs, its size when unpacked, and where the stored bytes begin. */
export interface SparseLayout {
  readonly runs: readonly SparseRun[];
  readonly size: number;
  readonly dataOffset: number;
}

const mostRuns = 100_000;
/** Zero bytes handed out at once. */
const zeroPiece = 256 * 1024;

/** The map in and behind an old GNU header of type "S" (tar manual, "Storing Sparse Files"). @throws MALFORMED, LIMIT */
export function oldGnuSparse(source: ByteSource, block: Buffer, dataOffset: number): SparseLayout {
  const runs: SparseRun[] = [];
  const add = (entries: Buffer): void => {
    for (let at = 0; at + 24 <= entries.length; at += 24) {
      const offset = number(entries.subarray(at, at + 12));
      const length = number(entries.subarray(at + 12, at + 24));
      if (entries[at] !== 0) runs.push({ offset: offset.value, length: length.value });
    }
    if (runs.length > mostRuns) fail("LIMIT", `a sparse member has more than ${mostRuns} parts`);
  };
  add(block.subarray(386, 482));
  let more = block[482] !== 0;
  let at = dataOffset;
  while (more) {
    const bytes = source.read(at, blockSize);
    if (bytes.length < blockSize) fail("MALFORMED", "a sparse map is cut off");
    const next = Buffer.from(bytes.buffer, bytes.byteOffset, blockSize);
    add(next.subarray(0, 504));
    more = next[504] !== 0;
    at += blockSize;
  }
  return { runs, size: number(block.subarray(483, 495)).value, dataOffset: at };
}

/** The map of a sparse file in a pax archive, formats 0.0, 0.1 and 1.0; undefined when the member is not sparse. @throws MALFORMED, LIMIT */
export function paxSparse(
  source: ByteSource,
  records: ReadonlyMap<string, string>,
  dataOffset: number,
): SparseLayout | undefined {
  const size = paxNumber(records, "GNU.sparse.realsize") ?? paxNumber(records, "GNU.sparse.size");
  if (records.get("GNU.sparse.major") === "1") {
    const { numbers, end } = mapInData(source, dataOffset);
    return { runs: pairs(numbers), size: size ?? Number.NaN, dataOffset: end };
  }
  const map = records.get("GNU.sparse.map");
  if (map !== undefined) return { runs: pairs(map.split(",").map(Number)), size: size ?? Number.NaN, dataOffset };
  const offsets = records.get("GNU.sparse.offset");
  if (offsets === undefined) return undefined;
  const lengths = (records.get("GNU.sparse.numbytes") ?? "").split(",");
  return {
    runs: offsets.split(",").map((offset, n) => ({ offset: Number(offset), length: Number(lengths[n]) })),
    size: size ?? Number.NaN,
    dataOffset,
  };
}

function mapInData(source: ByteSource, start: number): { numbers: number[]; end: number } {
  const numbers: number[] = [];
  let at = start;
  let digits = "";
  let wanted = 1;
  while (numbers.length < wanted) {
    const bytes = source.read(at, blockSize);
    if (bytes.length < blockSize) fail("MALFORMED", "a sparse map is cut off");
    at += blockSize;
    for (const byte of bytes) {
      if (byte === 0x0a) {
        numbers.push(Number(digits));
        digits = "";
        if (numbers.length === 1) wanted = 1 + 2 * numbers[0]!;
        if (!(wanted <= 2 * mostRuns)) fail("LIMIT", `a sparse member has more than ${mostRuns} parts`);
        if (numbers.length >= wanted) break;
      } else if (byte >= 0x30 && byte <= 0x39 && digits.length < 16) digits += String.fromCharCode(byte);
      else fail("MALFORMED", "a sparse map is no list of numbers");
    }
  }
  return { numbers: numbers.slice(1), end: at };
}

function pairs(numbers: readonly number[]): SparseRun[] {
  if (numbers.length > 2 * mostRuns) fail("LIMIT", `a sparse member has more than ${mostRuns} parts`);
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, n) => ({
    offset: numbers[2 * n]!,
    length: numbers[2 * n + 1]!,
  }));
}

/** True when the runs lie in order inside `size` and their lengths make up the stored bytes. */
export function isSoundLayout({ runs, size }: SparseLayout, packedSize: number): boolean {
  let at = 0;
  let stored = 0;
  for (const { offset, length } of runs) {
    if (!(offset >= at) || !(length >= 0)) return false;
    at = offset + length;
    stored += length;
  }
  return at <= size && stored === packedSize;
}

/** The sparse file's bytes: stored runs with zeros between them. */
export function* sparseContent(
  data: ByteSource,
  runs: readonly SparseRun[],
  size: number,
): Generator<Uint8Array, void, void> {
  let at = 0;
  let from = 0;
  for (const { offset, length } of [...runs, { offset: size, length: 0 }]) {
    for (; at < offset; at += zeroPiece) yield new Uint8Array(Math.min(zeroPiece, offset - at));
    at = offset + length;
    for (const end = from + length; from < end; ) {
      const piece = data.read(from, Math.min(zeroPiece, end - from));
      if (piece.length === 0) fail("MALFORMED", "a sparse member is cut off");
      from += piece.length;
      yield piece;
    }
  }
}
