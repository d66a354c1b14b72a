import { crc32 } from "node:zlib";
import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Unexamined } from "../container/anomaly.ts";
import { quoted } from "../container/anomaly.ts";
import { leftoverAt, uncovered } from "../container/coverage.ts";
import { decodeAll } from "../container/decoder.ts";
import { nameHazards } from "../container/member-names.ts";
import type { SevenZipAnomaly, SevenZipArchive, SevenZipMember } from "./archive.ts";
import { folderDecoder } from "./folder-stream.ts";
import { HeaderReader } from "./header-reader.ts";
import type { StreamsInfo } from "./streams-info.ts";
import { id, readStreamsInfo, signatureHeaderSize } from "./streams-info.ts";

// After 7zFormat.txt of the 7-Zip sources.
const largestHeader = 64 * 1024 * 1024;

/** What reading a 7z file's structure may cost. */
export interface SevenZipReadOptions {
  readonly entries?: number;
  readonly tick?: () => void;
}

/**
 * The members of a 7z file and how they are packed. The header may itself be packed (LZMA, LZMA2, deflate, bzip2, copy).
 * @throws MALFORMED, UNSUPPORTED (encrypted or otherwise packed header), LIMIT
 */
export function readSevenZip(source: ByteSource, options: SevenZipReadOptions = {}): SevenZipArchive {
  const start = Buffer.from(source.read(0, signatureHeaderSize));
  if (start.length < signatureHeaderSize || start.toString("hex", 0, 6) !== "377abcaf271c")
    fail("MALFORMED", "this is not a 7z file");
  if (crc32(start.subarray(12, 32)) !== start.readUInt32LE(8))
    fail("MALFORMED", "the start header's checksum is wrong");
  const offset = signatureHeaderSize + Number(start.readBigUInt64LE(12));
  const size = Number(start.readBigUInt64LE(20));
  const extents = [
    { start: 0, end: signatureHeaderSize },
    { start: offset, end: offset + size },
  ];
  if (size === 0) return { folders: [], members: [], anomalies: [], ...around(source, extents), incomplete: [] };
  if (offset + size > source.size)
    fail("MALFORMED", "the 7z header lies behind the end of the file: the file is cut off");
  if (size > largestHeader) fail("LIMIT", `the 7z header has ${size} bytes; at most ${largestHeader} are read`);
  const bytes = source.read(offset, size);
  let header: Buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (crc32(header) !== start.readUInt32LE(28)) fail("MALFORMED", "the 7z header's checksum is wrong");
  for (let depth = 0; header[0] === id.encodedHeader; depth++) {
    if (depth === 4) fail("LIMIT", "the 7z header is packed more than four times");
    const info = readStreamsInfo(new HeaderReader(header.subarray(1)));
    const [folder] = info.folders;
    if (info.folders.length !== 1 || !folder) fail("MALFORMED", "the packed 7z header is not in one folder");
    extents.push(...info.packed);
    header = Buffer.from(
      decodeAll(folderDecoder(source, folder), Math.min(folder.size, largestHeader), "the 7z header"),
    );
    if (header.length !== folder.size || (folder.crc !== undefined && crc32(header) !== folder.crc)) {
      fail("MALFORMED", "the packed 7z header's checksum is wrong");
    }
  }
  const reader = new HeaderReader(header);
  if (reader.byte() !== id.header) fail("MALFORMED", "the 7z header begins with an unknown part");
  return { ...readHeader(reader, options, extents), ...around(source, extents) };
}

function around(
  source: ByteSource,
  extents: readonly { start: number; end: number }[],
): Pick<SevenZipArchive, "leftovers"> {
  const gaps = uncovered(extents, source.size);
  return {
    leftovers: gaps.flatMap(
      ({ start, end }) =>
        leftoverAt(source, start, end, end === source.size ? "behind the archive" : "between members") ?? [],
    ),
  };
}

function readHeader(
  reader: HeaderReader,
  options: SevenZipReadOptions,
  extents: { start: number; end: number }[],
): Omit<SevenZipArchive, "leftovers"> {
  let streams: StreamsInfo = { folders: [], members: [], packed: [] };
  let files: FileRecord[] = [];
  const incomplete: Unexamined[] = [];
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    if (type === id.mainStreams) {
      streams = readStreamsInfo(reader);
      extents.push(...streams.packed);
    } else if (type === id.additionalStreams) {
      extents.push(...readStreamsInfo(reader).packed);
      incomplete.push({ why: "the 7z file has additional streams" });
    } else if (type === id.archiveProperties) {
      for (let property = reader.number(); property !== id.end; property = reader.number())
        reader.take(reader.number());
    } else if (type === id.files) files = readFiles(reader, options);
    else fail("MALFORMED", `a 7z header has the unknown part ${type}`);
  }
  const { members, anomalies } = join(files, streams, incomplete, options.tick ?? (() => {}));
  return { folders: streams.folders, members, anomalies, incomplete };
}

interface FileRecord {
  name: string;
  hasStream: boolean;
  /** Of those without a stream: a file without contents, no folder. */
  emptyFile: boolean;
  attributes: number;
}

function readFiles(reader: HeaderReader, { entries = 200_000 }: SevenZipReadOptions): FileRecord[] {
  const count = reader.count("members", entries);
  const files = Array.from(
    { length: count },
    (): FileRecord => ({ name: "", hasStream: true, emptyFile: false, attributes: 0 }),
  );
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    const part = new HeaderReader(reader.take(reader.number()));
    if (type === id.emptyStream) {
      for (const [n, empty] of part.bits(count).entries()) files[n]!.hasStream = !empty;
    } else if (type === id.emptyFile) {
      const without = files.filter(({ hasStream }) => !hasStream);
      for (const [n, empty] of part.bits(without.length).entries()) without[n]!.emptyFile = empty;
    } else if (type === id.names) {
      if (part.byte() !== 0) fail("UNSUPPORTED", "a 7z header keeps its names elsewhere");
      const names = part.take(part.left).toString("utf16le").split("\0");
      for (const [n, file] of files.entries()) file.name = names[n] ?? "";
      if (names.length !== count + 1 || names.at(-1) !== "")
        fail("MALFORMED", "a 7z header has other names than members");
    } else if (type === id.attributes) {
      const defined = part.defined(count);
      if (part.byte() !== 0) fail("UNSUPPORTED", "a 7z header keeps its attributes elsewhere");
      for (const [n, has] of defined.entries()) if (has) files[n]!.attributes = part.uint32();
    }
    // Times, anti-items and padding change nothing about the contents.
  }
  return files;
}

function join(
  files: readonly FileRecord[],
  { members: sizes }: StreamsInfo,
  incomplete: Unexamined[],
  tick: () => void,
): { members: SevenZipMember[]; anomalies: SevenZipAnomaly[] } {
  const places = sizes.flatMap((members, folder) => {
    let start = 0;
    return members.map(({ size, crc }) => {
      start += size;
      return { folder, size, crc, start: start - size };
    });
  });
  const members: SevenZipMember[] = [];
  const anomalies: SevenZipAnomaly[] = [];
  const seen = new Set<string>();
  let next = 0;
  for (const { name, hasStream, emptyFile, attributes } of files) {
    tick();
    const place = hasStream ? places[next++] : undefined;
    if (hasStream && !place) fail("MALFORMED", "a 7z header lists more members than contents");
    const kind = kindOf(attributes, hasStream || emptyFile);
    members.push({ name, kind, ...(place ?? { size: 0, crc: undefined, folder: undefined, start: 0 }) });
    const at = { offset: 0, member: name };
    if (anomalies.length > 2000) continue;
    for (const hazard of nameHazards(name)) anomalies.push({ ...hazard, ...at });
    if (kind === "symlink") anomalies.push({ code: "symlink", why: "the member is a symbolic link", ...at });
    if (kind === "special")
      anomalies.push({ code: "special-file", why: "the member is a device, pipe or socket", ...at });
    if (seen.has(name))
      anomalies.push({ code: "duplicate-name", why: `two members are called ${quoted(name)}`, ...at });
    seen.add(name);
  }
  // Contents without a name are contents all the same.
  for (const place of places.slice(next)) members.push({ name: "(without a name)", kind: "file", ...place });
  if (next < places.length) incomplete.push({ why: `${places.length - next} contents of the 7z file have no name` });
  if (anomalies.length > 2000) incomplete.push({ why: "more than 2000 oddities; the rest are not listed" });
  return { members, anomalies };
}

/** From Unix mode bits, where the extension flag says they are there, else from Windows attributes. */
function kindOf(attributes: number, isFile: boolean): SevenZipMember["kind"] {
  const type = attributes & 0x8000 ? (attributes >>> 16) & 0xf000 : 0;
  if (type === 0xa000 || attributes & 0x400) return "symlink";
  if (type === 0x2000 || type === 0x6000 || type === 0x1000 || type === 0xc000) return "special";
  return isFile ? "file" : "folder";
}
