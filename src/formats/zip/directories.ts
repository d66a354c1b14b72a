import type { ByteSource } from "../../core/byte-source.ts";
import type { Extent } from "../container/coverage.ts";
import { bufferAt, signatures, uint64 } from "./records.ts";

/** An end-of-directory record that some reader would use. */
export interface EndRecord {
  readonly offset: number;
  /** The record with its comment. */
  readonly length: number;
  readonly comment: Buffer;
  readonly disks: readonly [number, number];
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
  /** zip64 records before it; readers find them in different ways. */
  readonly zip64: readonly Zip64Record[];
  /** Extents of the zip64 locator, if there is one. */
  readonly locator: Extent | undefined;
}

export interface Zip64Record {
  readonly offset: number;
  readonly length: number;
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryOffset: number;
}

/** A place where some reader would begin to read the directory. */
export interface DirectoryPlace {
  readonly start: number;
  /** Where the end record lies: entries cannot go further. */
  readonly stop: number;
  /** Added to the offsets of local headers: bytes that were put before the archive. */
  readonly shift: number;
  readonly entries: number;
  readonly size: number;
  /** Who reads it so: "python" takes it from the end of the file, "absolute" (miniz, torch) from the stated offset. */
  readonly by: "both" | "from the end" | "as stated";
}

const endLength = 22;
const longestComment = 0xffff;
const most = 16;

/** The end records that readers of zip files would settle on, last first. */
export function endRecords(source: ByteSource): EndRecord[] {
  const from = Math.max(0, source.size - endLength - longestComment);
  const tail = bufferAt(source, from, source.size - from);
  const found: EndRecord[] = [];
  let last = true;
  for (
    let at = tail.lastIndexOf(signatures.end);
    at >= 0;
    at = at === 0 ? -1 : tail.lastIndexOf(signatures.end, at - 1)
  ) {
    if (at + endLength > tail.length) continue;
    const commentLength = tail.readUInt16LE(at + 20);
    const toEnd = at + endLength + commentLength === tail.length;
    const fits =
      at + endLength + commentLength <= tail.length && !found.some((end) => end.offset + end.length <= source.size);
    // The last one is everybody's favourite; some readers insist that the comment ends the file, or at least fits it.
    if ((last || toEnd || fits) && found.length < most) found.push(endRecord(source, tail, at, from));
    last = false;
  }
  return found;
}

function endRecord(source: ByteSource, tail: Buffer, at: number, from: number): EndRecord {
  const offset = from + at;
  const comment = tail.subarray(at + endLength, at + endLength + tail.readUInt16LE(at + 20));
  const found = zip64Records(source, offset);
  return {
    offset,
    length: endLength + tail.readUInt16LE(at + 20),
    comment,
    disks: [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)],
    entries: tail.readUInt16LE(at + 10),
    directorySize: tail.readUInt32LE(at + 12),
    directoryOffset: tail.readUInt32LE(at + 16),
    ...found,
  };
}

function zip64Records(source: ByteSource, end: number): { zip64: Zip64Record[]; locator: Extent | undefined } {
  const locator = bufferAt(source, end - 20, 20);
  if (locator.length < 20 || !locator.subarray(0, 4).equals(signatures.locator64))
    return { zip64: [], locator: undefined };
  const zip64: Zip64Record[] = [];
  // Python looks right before the locator, others where the locator points.
  for (const offset of new Set([uint64(locator, 8), end - 20 - 56])) {
    const record = bufferAt(source, offset, 56);
    if (record.length < 56 || !record.subarray(0, 4).equals(signatures.end64)) continue;
    zip64.push({
      offset,
      length: Math.min(12 + uint64(record, 4), end - 20 - offset),
      entries: uint64(record, 32),
      directorySize: uint64(record, 40),
      directoryOffset: uint64(record, 48),
    });
  }
  return { zip64, locator: { start: end - 20, end } };
}

/** The places where readers that settled on `end` look for the directory and find one (or an empty one). */
export function directoryPlaces(source: ByteSource, end: EndRecord): DirectoryPlace[] {
  const places: DirectoryPlace[] = [];
  const add = (place: DirectoryPlace): void => {
    const same = places.findIndex(({ start, shift }) => start === place.start && shift === place.shift);
    if (same >= 0) {
      if (places[same]!.by !== place.by) places[same] = { ...places[same]!, by: "both" };
    } else if (place.size === 0 || isDirectory(source, place)) places.push(place);
  };
  const full = end.entries === 0xffff || end.directorySize === 0xffffffff || end.directoryOffset === 0xffffffff;
  const claims = end.zip64.map((record) => ({ ...record, stop: record.offset }));
  // With zip64 records present Python and miniz ignore the old fields; others ignore zip64 unless an old field is full.
  if (!full || claims.length === 0) {
    claims.push({ ...end, stop: Math.min(end.locator?.start ?? end.offset, ...end.zip64.map(({ offset }) => offset)) });
  }
  for (const { directoryOffset, directorySize, entries, stop } of claims) {
    const start = stop - directorySize;
    const shift = start - directoryOffset;
    const claim = { stop, entries, size: directorySize };
    if (start >= 0) add({ ...claim, start, shift, by: "from the end" });
    if (directorySize > 0) add({ ...claim, start: directoryOffset, shift: 0, by: "as stated" });
  }
  return places;
}

function isDirectory(source: ByteSource, { start, stop }: DirectoryPlace): boolean {
  return start < stop && bufferAt(source, start, 4).equals(signatures.central);
}
