import { isText, unexplainedBytes } from "./unexplained.ts";
import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Unexamined } from "../container/anomaly.ts";
import { quoted } from "../container/anomaly.ts";
import type { Extent } from "../container/coverage.ts";
import { leftoverAt, uncovered } from "../container/coverage.ts";
import type { ZipAnomaly, ZipAnomalyCode, ZipArchive, ZipMember } from "./archive.ts";
import { compareHeaders } from "./compare.ts";
import type { DirectoryPlace, EndRecord } from "./directories.ts";
import { directoryPlaces, endRecords } from "./directories.ts";
import { linkEscapes } from "../container/member-names.ts";
import { linkTarget } from "./link-target.ts";
import { directoryMember, headerMember, nameAnomalies } from "./members.ts";
import { memberSetAnomalies } from "./member-set.ts";
import type { DirectoryEntry, ZipHeader } from "./records.ts";
import { bufferAt, directoryEntry, flag, localHeader, signatures } from "./records.ts";
import { descriptorLength, strayMembers } from "./stray.ts";

/** What reading a zip file's structure may cost. */
export interface ZipReadOptions {
  /** Most members listed; the rest is reported incomplete. */
  readonly entries?: number;
  /** Called in every long loop; may throw LIMIT. */
  readonly tick?: () => void;
}

/** Bytes of the directory read at a time; no entry is longer than 46 + 3 × 65535. */
const directoryPiece = 1024 * 1024;
const mostAnomalies = 2000;

/**
 * Everything that Python's zipfile, torch's miniz, 7-Zip, unzip or a reader of local headers would find in `source`, with every
 * difference between them. Reads headers only, not the members' data.
 * @throws MALFORMED when there is neither an end record nor a local header at the start
 */
export function readZip(source: ByteSource, options: ZipReadOptions = {}): ZipArchive {
  return new ZipWalk(source, options).archive();
}

class ZipWalk {
  private readonly source: ByteSource;
  private readonly limit: number;
  private readonly tick: () => void;
  private readonly members: ZipMember[] = [];
  private readonly anomalies: ZipAnomaly[] = [];
  private readonly incomplete: Unexamined[] = [];
  private readonly extents: Extent[] = [];
  /** Extents of members' data by local header, to compare with each other. */
  private readonly bodies = new Map<number, Extent & { readonly member: string }>();
  private prefix = 0;
  private full = false;

  constructor(source: ByteSource, options: ZipReadOptions) {
    this.source = source;
    this.limit = options.entries ?? 200_000;
    this.tick = options.tick ?? (() => {});
  }

  archive(): ZipArchive {
    const { source } = this;
    const ends = endRecords(source);
    if (ends.length === 0 && !bufferAt(source, 0, 4).equals(signatures.local)) {
      fail("MALFORMED", "there is neither an end record nor a member of a zip file");
    }
    if (ends.length === 0) {
      this.incomplete.push({
        why: "the zip file has no end record: its directory is missing or cut off",
        offset: source.size,
      });
    }
    this.directories(ends);
    for (const end of ends) this.endRecord(end, end === ends[0]);
    this.gaps();
    this.overlaps();
    for (const found of memberSetAnomalies(this.members)) this.note(found.code, found.offset, found.why, found.member);
    return {
      size: source.size,
      members: this.members,
      anomalies: this.anomalies,
      leftovers: this.leftovers(),
      incomplete: this.incomplete,
      comment: ends[0]?.comment.toString("latin1") ?? "",
      prefix: this.prefix,
    };
  }

  private note(code: ZipAnomalyCode, offset: number, why: string, member?: string): void {
    if (this.anomalies.length >= mostAnomalies) {
      if (!this.full) this.incomplete.push({ why: `more than ${mostAnomalies} oddities; the rest are not listed` });
      this.full = true;
      return;
    }
    this.anomalies.push({ code, offset, why, ...(member === undefined ? {} : { member }) });
  }

  private directories(ends: readonly EndRecord[]): void {
    const seen = new Map<string, DirectoryPlace>();
    for (const end of ends) {
      const places = directoryPlaces(this.source, end);
      if (places.length === 0) {
        this.incomplete.push({ why: "no directory lies where the end record says", offset: end.offset });
      }
      for (const place of places) {
        const key = `${place.start}+${place.shift}`;
        if (seen.has(key)) continue;
        const first = seen.size === 0;
        // An empty directory beside a real one, or the other way round, is as ambiguous as two real ones.
        if (!first && !this.sameWithoutShift(seen, place)) {
          const why = `one reader finds the directory at byte ${[...seen.values()][0]!.start}, another (${place.by}) at byte ${place.start}`;
          this.note("directory-ambiguous", place.start, why);
        }
        seen.set(key, place);
        this.directory(place, first);
      }
    }
  }

  /** A prefix makes two readings of one directory: with the shift, and without, where no member is found. */
  private sameWithoutShift(seen: ReadonlyMap<string, DirectoryPlace>, place: DirectoryPlace): boolean {
    return [...seen.values()].some(({ start }) => start === place.start) && !this.firstIsThere(place);
  }

  private firstIsThere(place: DirectoryPlace): boolean {
    const entry = directoryEntry(bufferAt(this.source, place.start, 200_000), 0, place.start);
    return entry !== undefined && localHeader(this.source, entry.headerOffset + place.shift) !== undefined;
  }

  private directory(place: DirectoryPlace, main: boolean): void {
    const { source } = this;
    let base = place.start;
    let bytes = bufferAt(source, base, Math.min(directoryPiece, place.stop - base));
    let at = 0;
    let count = 0;
    for (;;) {
      this.tick();
      let entry = directoryEntry(bytes, at, base);
      if (!entry && base + bytes.length < place.stop && bytes.length - at < 200_000) {
        base += at;
        at = 0;
        bytes = bufferAt(source, base, Math.min(directoryPiece, place.stop - base));
        entry = directoryEntry(bytes, at, base);
      }
      entry ??= directoryEntry(bytes, at, base, true);
      if (!entry) break;
      if (this.members.length >= this.limit) {
        const next = "Raise the limit of entries.";
        this.incomplete.push({ why: `the zip file has more than ${this.limit} members`, offset: entry.offset, next });
        break;
      }
      this.entry(entry, place, main);
      at += entry.length;
      count++;
    }
    const end = base + at;
    this.extents.push({ start: place.start, end });
    if (end - place.start !== place.size || (count !== place.entries && (count & 0xffff) !== place.entries)) {
      const stated = `${place.entries} entries in ${place.size} bytes`;
      this.note(
        "directory-size",
        place.start,
        `the end record says ${stated}; there are ${count} in ${end - place.start}`,
      );
    }
    if (main && place.shift > 0) this.prefix = place.shift;
  }

  private entry(entry: DirectoryEntry, place: DirectoryPlace, main: boolean): void {
    const seenBy = main ? "directory" : "other directory";
    let local = localHeader(this.source, entry.headerOffset + place.shift);
    // 7-Zip and Info-ZIP try the stated place too.
    if (!local && place.shift !== 0) local = localHeader(this.source, entry.headerOffset);
    const member = directoryMember(entry, local, seenBy, place.shift);
    this.members.push(member);
    this.unexplained(entry, member);
    if (local) this.unexplained(local, member);
    for (const found of nameAnomalies(entry, member)) this.note(found.code, found.offset, found.why, found.member);
    if (member.kind === "symlink") this.link(member, entry.offset);
    if (entry.disk !== 0) {
      this.incomplete.push({
        why: `${quoted(member.name)} lies on disk ${entry.disk} of a split archive`,
        offset: entry.offset,
      });
    }
    if (!local) {
      const why = `no local header lies at byte ${entry.headerOffset + place.shift}, where the directory places it`;
      this.note("no-local-header", entry.offset, why, member.name);
      this.incomplete.push({ why: `${quoted(member.name)}: ${why}`, offset: entry.offset });
      return;
    }
    const { anomalies, readsOtherwise } = compareHeaders(entry, local);
    for (const found of anomalies) this.note(found.code, found.offset, found.why, found.member);
    if (readsOtherwise)
      this.members.push(headerMember(local, "local header", local.offset + local.length + local.packedSize, false));
    this.body(member, local);
  }

  /** Bytes a loader could be pointed to although no reader of zip files looks at them. */
  private unexplained(header: ZipHeader & { readonly comment?: Buffer }, member: ZipMember): void {
    const why = unexplainedBytes(header);
    if (why) this.incomplete.push({ why: `${quoted(member.name)}: ${why}`, offset: header.offset });
  }

  private link(member: ZipMember, offset: number): void {
    const target = linkTarget(this.source, member);
    if (target === undefined)
      this.note("symlink-escapes", offset, "where the symbolic link points cannot be read", member.name);
    else if (linkEscapes(member.name, target)) {
      this.note("symlink-escapes", offset, `the symbolic link points to ${quoted(target)}`, member.name);
    }
  }

  private body(member: ZipMember, local: ZipHeader): void {
    const start = local.offset + local.length;
    const dataEnd = start + member.packedSize;
    if (dataEnd > this.source.size) {
      const why = `${quoted(member.name)} is said to end at byte ${dataEnd}, behind the end of the file`;
      this.incomplete.push({ why, offset: local.offset });
    }
    const described = local.flags & flag.descriptor;
    const end =
      dataEnd + (described ? descriptorLength(this.source, dataEnd, member.crc, member.packedSize, member.size) : 0);
    this.extents.push({ start: local.offset, end });
    const other = this.bodies.get(local.offset);
    if (!other) this.bodies.set(local.offset, { start: local.offset, end, member: member.name });
    else if (member.seenBy === "directory") {
      this.note(
        "overlap",
        local.offset,
        `${quoted(member.name)} and ${quoted(other.member)} are the same bytes`,
        member.name,
      );
    }
  }

  private overlaps(): void {
    const bodies = [...this.bodies.values()].sort((a, b) => a.start - b.start);
    let before = bodies[0];
    for (const body of bodies.slice(1)) {
      if (before && body.start < before.end) {
        this.note("overlap", body.start, `${quoted(body.member)} begins inside ${quoted(before.member)}`, body.member);
      }
      if (!before || body.end > before.end) before = body;
    }
  }

  private endRecord(end: EndRecord, chosen: boolean): void {
    const stop = Math.min(end.offset + end.length, this.source.size);
    this.extents.push({ start: end.offset, end: stop });
    if (end.locator) this.extents.push(end.locator);
    for (const { offset, length } of end.zip64) this.extents.push({ start: offset, end: offset + length });
    if (!chosen)
      this.note(
        "directory-ambiguous",
        end.offset,
        `another end record, which some readers use, lies at byte ${end.offset}`,
      );
    if (end.offset + end.length > this.source.size) {
      this.note("comment", end.offset, "the comment is said to be longer than the file");
    }
    if (!isText(end.comment))
      this.incomplete.push({ why: "the archive's comment is not text", offset: end.offset + 22 });
    if (end.zip64.length > 1)
      this.note("directory-ambiguous", end.offset, "two zip64 records, of which readers use either");
    if (end.disks[0] !== 0 && end.disks[0] !== 0xffff) {
      this.incomplete.push({ why: "this is one part of a split archive", offset: end.offset });
    }
    if (end.comment.includes("PK\u0003\u0004", 0, "latin1") || end.comment.includes("PK\u0001\u0002", 0, "latin1")) {
      this.note("comment", end.offset + 22, "the archive's comment contains zip structures");
      for (const stray of strayMembers(this.source, { start: end.offset + 22, end: stop }, this.tick)) {
        this.members.push(headerMember(stray.header, "stray", stray.dataEnd, stray.open));
      }
    }
  }

  /** Looks for local headers in what nothing covers. */
  private gaps(): void {
    for (const gap of uncovered(this.extents, this.source.size)) {
      for (const stray of strayMembers(this.source, gap, this.tick)) {
        if (this.members.length >= this.limit) break;
        const member = headerMember(stray.header, "stray", stray.dataEnd, stray.open);
        this.members.push(member);
        this.note(
          "outside-directory",
          stray.header.offset,
          `${quoted(member.name)} stands in no directory`,
          member.name,
        );
        this.extents.push({ start: stray.header.offset, end: stray.dataEnd });
      }
    }
  }

  private leftovers(): ZipArchive["leftovers"] {
    const first = Math.min(...this.extents.map(({ start }) => start));
    const last = Math.max(...this.extents.map(({ end }) => end));
    return uncovered(this.extents, this.source.size).flatMap(({ start, end }) => {
      const place = end <= first ? "before the archive" : start >= last ? "behind the archive" : "between members";
      const found = leftoverAt(this.source, start, end, place);
      if (!found) return [];
      if (found.content === "data")
        this.note("hidden-bytes", found.offset, `${found.length} bytes ${place} belong to no member`);
      // Where data follows zero bytes the whole gap is shown.
      return [found.content === "data" ? { ...found, offset: start, length: end - start } : found];
    });
  }
}
