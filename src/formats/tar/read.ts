import type { ByteSource } from "../../core/byte-source.ts";
import { sliceSource } from "../../core/byte-source.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { Leftover, Unexamined } from "../container/anomaly.ts";
import { quoted } from "../container/anomaly.ts";
import { firstNonZero, leftoverAt } from "../container/coverage.ts";
import { linkEscapes, nameHazards } from "../container/member-names.ts";
import type { TarAnomaly, TarAnomalyCode, TarArchive, TarMember } from "./archive.ts";
import type { TarHeader } from "./header.ts";
import { blockSize, checksumFits, parseHeader, text } from "./header.ts";
import { paxNumber, paxRecords } from "./pax.ts";
import type { SparseLayout } from "./sparse.ts";
import { isSoundLayout, oldGnuSparse, paxSparse, sparseContent } from "./sparse.ts";

/** What reading a tar file's structure may cost. */
export interface TarReadOptions {
  readonly entries?: number;
  /** Called in every long loop; may throw LIMIT. */
  readonly tick?: () => void;
}

const longestExtension = 1024 * 1024;
const mostAnomalies = 2000;
const resyncLimit = 512 * 1024 * 1024;
/** Sizes below this fit the header's octal digits, so nobody needs to state another one. */
const octalLimit = 8 ** 11;

/**
 * Every member of the tar file in `source` that Python, GNU tar or bsdtar would find: V7, ustar, pax and GNU headers, links,
 * sparse files, members behind damaged blocks and behind the end mark. Reads headers only.
 * @throws MALFORMED when the first block is no header
 */
export function readTar(source: ByteSource, options: TarReadOptions = {}): TarArchive {
  if (!checksumFits(source.read(0, blockSize))) fail("MALFORMED", "the first block is no tar header");
  return new TarWalk(source, options).archive();
}

/** The bytes of a member: a slice, or for sparse files a function that puts the zeros back. */
export function tarContent(source: ByteSource, member: TarMember): ByteSource | (() => Iterable<Uint8Array>) {
  const data = sliceSource(source, member.dataOffset, member.dataOffset + member.packedSize);
  const { sparse, size } = member;
  return sparse ? () => sparseContent(data, sparse, size) : data;
}

class TarWalk {
  private readonly source: ByteSource;
  private readonly limit: number;
  private readonly tick: () => void;
  private readonly members: TarMember[] = [];
  private readonly anomalies: TarAnomaly[] = [];
  private readonly leftovers: Leftover[] = [];
  private readonly incomplete: Unexamined[] = [];
  private readonly names = new Set<string>();
  /** From extension headers, for the next member. */
  private pax = new Map<string, string>();
  private readonly globalPax = new Map<string, string>();
  private longName: string | undefined;
  private longTarget: string | undefined;
  private at = 0;
  private ended = false;

  constructor(source: ByteSource, options: TarReadOptions) {
    this.source = source;
    this.limit = options.entries ?? 200_000;
    this.tick = options.tick ?? (() => {});
  }

  archive(): TarArchive {
    while (this.at < this.source.size && this.step()) this.tick();
    const { members, anomalies, leftovers, incomplete } = this;
    return { members, anomalies, leftovers, incomplete };
  }

  private note(code: TarAnomalyCode, offset: number, why: string, member?: string): void {
    if (this.anomalies.length < mostAnomalies)
      this.anomalies.push({ code, offset, why, ...(member === undefined ? {} : { member }) });
    else if (this.anomalies.length === mostAnomalies) {
      this.anomalies.push({ code: "odd-extension", offset, why: "further oddities are not listed" });
      this.incomplete.push({ why: `more than ${mostAnomalies} oddities; the rest are not listed` });
    }
  }

  /** One header with what belongs to it, or one stretch that is none. False when the walk is over. */
  private step(): boolean {
    const { source, at } = this;
    const bytes = source.read(at, blockSize);
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (block.length === blockSize && checksumFits(block)) {
      if (this.members.length >= this.limit) {
        this.incomplete.push({
          why: `the tar file has more than ${this.limit} members`,
          offset: at,
          next: "Raise the limit of entries.",
        });
        return false;
      }
      if (this.ended) this.note("members-after-end", at, "members follow the end mark, where some readers stop");
      this.ended = false;
      this.header(parseHeader(block));
      return true;
    }
    const data = firstNonZero(source, at, source.size);
    if (data === undefined) {
      this.keep(leftoverAt(source, at, source.size, "behind the archive"));
      return false;
    }
    const next = data - ((data - at) % blockSize);
    if (next > at) {
      // Zero blocks end the archive for most readers.
      this.ended = true;
      this.at = next;
      return true;
    }
    this.resync();
    return true;
  }

  /** Skips blocks that are neither header nor zero. */
  private resync(): void {
    const { source, at } = this;
    let next = at + blockSize;
    const stop = Math.min(source.size, at + resyncLimit);
    while (next < stop && !checksumFits(source.read(next, blockSize))) {
      if ((next & 0xfffff) === 0) this.tick();
      next += blockSize;
    }
    if (next < source.size && next >= stop) next = source.size;
    next = Math.min(next, source.size);
    if (!this.ended) this.note("bad-header", at, "a block that should be a header is none");
    const place = this.ended ? "behind the archive" : "between members";
    this.keep(leftoverAt(source, at, next, place));
    this.at = next;
  }

  private keep(leftover: Leftover | undefined): void {
    if (!leftover) return;
    this.leftovers.push(leftover);
    if (leftover.content === "data") {
      this.note("hidden-bytes", leftover.offset, `${leftover.length} bytes ${leftover.place} belong to no member`);
    }
  }

  private header(header: TarHeader): void {
    const { source, at } = this;
    const dataOffset = at + blockSize;
    for (const field of header.oddNumbers)
      this.note("odd-number", at, `readers take the ${field} in the header differently`, header.name);
    let { size } = header;
    if (!(size >= 0 && size <= Number.MAX_SAFE_INTEGER)) {
      this.incomplete.push({ why: `${quoted(header.name)} has no usable size`, offset: at });
      size = 0;
    }
    this.at = dataOffset + padded(size);
    switch (header.type) {
      case "x":
      case "X":
      case "g":
        return this.extension(header, dataOffset, size);
      case "L":
      case "K": {
        const long = this.extensionData(dataOffset, size);
        if (!long) return;
        if (header.type === "L") this.longName = text(long);
        else this.longTarget = text(long);
        return;
      }
      default:
        this.member(header, dataOffset, size);
    }
    if (this.at > source.size + blockSize && size > 0) {
      this.incomplete.push({
        why: `${quoted(this.members.at(-1)?.name ?? "")} is cut off by the end of the file`,
        offset: at,
      });
    }
  }

  private extensionData(offset: number, size: number): Buffer | undefined {
    if (size > longestExtension) {
      this.incomplete.push({
        why: `an extended header has ${size} bytes; at most ${longestExtension} are read`,
        offset,
      });
      return undefined;
    }
    const bytes = this.source.read(offset, size);
    if (bytes.length < size) this.incomplete.push({ why: "an extended header is cut off", offset });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  private extension(header: TarHeader, dataOffset: number, size: number): void {
    const data = this.extensionData(dataOffset, size);
    if (!data) return;
    const { records, odd } = paxRecords(data);
    if (odd !== undefined) this.note("odd-extension", dataOffset, `an extended header ${odd}`);
    if (header.type !== "g") {
      if (this.pax.size > 0) this.note("odd-extension", dataOffset, "two extended headers precede one member");
      this.pax = records;
      return;
    }
    for (const [key, value] of records) {
      this.globalPax.set(key, value);
      if (/^(?:path|linkpath|size|GNU\.sparse\..*)$/.test(key)) {
        this.note("odd-extension", dataOffset, `a global header sets "${key}" of all members that follow`);
      }
    }
  }

  private member(header: TarHeader, dataOffset: number, headerSize: number): void {
    const { source, at } = this;
    const records = new Map([...this.globalPax, ...this.pax]);
    const name = records.get("GNU.sparse.name") ?? records.get("path") ?? this.longName ?? header.name;
    const target = records.get("linkpath") ?? this.longTarget ?? header.target;
    this.pax = new Map();
    this.longName = undefined;
    this.longTarget = undefined;
    const kind = kindOf(header.type, name);
    let size = headerSize;
    const stated = paxNumber(records, "size");
    if (stated !== undefined && stated !== headerSize) {
      if (!(stated >= octalLimit))
        this.note("sizes-differ", at, `the header says ${headerSize} bytes, the extended header ${stated}`, name);
      if (stated >= 0) size = stated;
    }
    let layout: SparseLayout | undefined;
    try {
      layout =
        header.type === "S" ? oldGnuSparse(source, header.block, dataOffset) : paxSparse(source, records, dataOffset);
    } catch (error) {
      if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      this.incomplete.push({ why: `${quoted(name)}: ${error.message}`, offset: at });
    }
    // An old map stands between header and data; a new one is the first part of the data.
    const packedOffset = layout?.dataOffset ?? dataOffset;
    const packedSize = layout && header.type !== "S" ? size - (packedOffset - dataOffset) : size;
    const hasData = kind === "file" || kind === "label";
    if (!hasData && size > 0) {
      this.note(
        "contents-on-link",
        at,
        `a ${kind} states ${size} bytes of contents, which only some readers skip`,
        name,
      );
    }
    this.at = hasData ? packedOffset + padded(packedSize) : dataOffset;
    this.padding(packedOffset, hasData ? packedSize : 0);
    const sound = layout !== undefined && isSoundLayout(layout, packedSize);
    if (layout && !sound)
      this.incomplete.push({ why: `the sparse map of ${quoted(name)} does not fit its data`, offset: at });
    this.members.push({
      name,
      kind,
      ...(kind === "symlink" || kind === "hardlink" ? { target } : {}),
      headerOffset: at,
      dataOffset: packedOffset,
      packedSize: hasData ? Math.max(0, packedSize) : 0,
      size: sound ? layout!.size : hasData ? Math.max(0, packedSize) : 0,
      ...(sound ? { sparse: layout!.runs } : {}),
    });
    this.names_(header, name, target, kind);
    if (header.type === "M") this.incomplete.push({ why: `${quoted(name)} continues from another volume`, offset: at });
  }

  private padding(offset: number, size: number): void {
    const rest = padded(size) - size;
    const end = Math.min(this.source.size, offset + size + rest);
    const first = rest > 0 ? firstNonZero(this.source, offset + size, end) : undefined;
    if (first !== undefined)
      this.keep({ offset: first, length: end - first, content: "data", place: "in the padding behind a member" });
  }

  private names_(header: TarHeader, name: string, target: string, kind: TarMember["kind"]): void {
    const { at } = this;
    const offset = this.members.at(-1)?.headerOffset ?? at;
    // Readers that do not know the extension use the short name.
    for (const candidate of new Set([name, header.name])) {
      for (const hazard of nameHazards(candidate)) this.note(hazard.code, offset, hazard.why, name);
    }
    if (kind === "special") this.note("special-file", offset, "the member is a device or a pipe", name);
    // A hard link's target is counted from the archive's root, a symbolic link's from the link.
    if ((kind === "symlink" && linkEscapes(name, target)) || (kind === "hardlink" && linkEscapes("", target))) {
      this.note("link-escapes", offset, `the ${kind} points to ${quoted(target)}`, name);
    }
    if (kind === "file" && this.names.has(name))
      this.note("duplicate-name", offset, `two members are called ${quoted(name)}`, name);
    this.names.add(name);
  }
}

function padded(size: number): number {
  return Math.ceil(Math.max(0, size) / blockSize) * blockSize;
}

function kindOf(type: string, name: string): TarMember["kind"] {
  switch (type) {
    case "1":
      return "hardlink";
    case "2":
      return "symlink";
    case "3":
    case "4":
    case "6":
      return "special";
    case "5":
      return "folder";
    case "\0":
      return name.endsWith("/") ? "folder" : "file";
    case "V":
      return "label";
    default:
      // Readers take types they do not know for files.
      return "file";
  }
}
