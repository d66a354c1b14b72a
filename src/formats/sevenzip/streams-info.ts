import { fail } from "../../kit/errors.ts";
import type { Coder, Folder } from "./archive.ts";
import type { HeaderReader } from "./header-reader.ts";

/** Property ids of 7zFormat.txt. */
export const id = {
  end: 0,
  header: 1,
  archiveProperties: 2,
  additionalStreams: 3,
  mainStreams: 4,
  files: 5,
  packInfo: 6,
  unpackInfo: 7,
  subStreams: 8,
  size: 9,
  crc: 10,
  folder: 11,
  unpackSize: 12,
  unpackStreams: 13,
  emptyStream: 14,
  emptyFile: 15,
  anti: 16,
  names: 17,
  attributes: 21,
  encodedHeader: 23,
} as const;

/** Offset of packed streams: they begin behind the signature header. */
export const signatureHeaderSize = 32;
const mostCoders = 32;

/** The folders and, for each, the sizes and checksums of the members in it. */
export interface StreamsInfo {
  readonly folders: readonly Folder[];
  readonly members: readonly (readonly { readonly size: number; readonly crc: number | undefined }[])[];
  readonly packed: readonly { readonly start: number; readonly end: number }[];
}

interface FolderLayout {
  readonly coders: readonly Coder[];
  readonly outputs: number;
  readonly bindings: readonly (readonly [input: number, output: number])[];
  readonly packedStreams: number;
  /** The coders form a chain from one packed stream to one output. */
  readonly chain: boolean;
  sizes: number[];
  crc: number | undefined;
}

/** Reads a StreamsInfo structure. @throws MALFORMED, LIMIT */
export function readStreamsInfo(reader: HeaderReader): StreamsInfo {
  const packed: { start: number; end: number }[] = [];
  let layouts: FolderLayout[] = [];
  let members: MemberSizes | undefined;
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    if (type === id.packInfo) readPackInfo(reader, packed);
    else if (type === id.unpackInfo) layouts = readUnpackInfo(reader);
    else if (type === id.subStreams) members = readSubStreams(reader, layouts);
    else fail("MALFORMED", `a 7z header has the unknown part ${type}`);
  }
  members ??= layouts.map((layout) => [{ size: sizeOf(layout), crc: layout.crc }]);
  let stream = 0;
  const folders = layouts.map((layout): Folder => {
    const first = packed[stream];
    stream += layout.packedStreams;
    return { coders: layout.coders, packed: layout.chain ? first : undefined, size: sizeOf(layout), crc: layout.crc };
  });
  if (stream !== packed.length) fail("MALFORMED", "a 7z header lists other packed streams than its folders use");
  return { folders, members, packed };
}

function readPackInfo(reader: HeaderReader, packed: { start: number; end: number }[]): void {
  let at = signatureHeaderSize + reader.number();
  const count = reader.count("packed streams");
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    if (type === id.size) {
      for (let n = 0; n < count; n++) {
        const size = reader.number();
        packed.push({ start: at, end: at + size });
        at += size;
      }
    } else if (type === id.crc) reader.digests(count);
    else fail("MALFORMED", `a 7z header has the unknown part ${type}`);
  }
}

function readUnpackInfo(reader: HeaderReader): FolderLayout[] {
  if (reader.number() !== id.folder) fail("MALFORMED", "a 7z header has no folders where it should");
  const count = reader.count("folders");
  if (reader.byte() !== 0) fail("UNSUPPORTED", "a 7z header keeps its folders elsewhere");
  const folders = Array.from({ length: count }, () => readFolder(reader));
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    if (type === id.unpackSize) {
      for (const folder of folders) folder.sizes = Array.from({ length: folder.outputs }, () => reader.number());
    } else if (type === id.crc) {
      const digests = reader.digests(count);
      for (const [n, folder] of folders.entries()) folder.crc = digests[n];
    } else fail("MALFORMED", `a 7z header has the unknown part ${type}`);
  }
  return folders;
}

function readFolder(reader: HeaderReader): FolderLayout {
  const count = reader.number();
  if (count === 0 || count > mostCoders) fail("MALFORMED", "a 7z folder has an impossible number of methods");
  let inputs = 0;
  let outputs = 0;
  let simple = true;
  const coders = Array.from({ length: count }, (): Coder => {
    const flags = reader.byte();
    if (flags & 0xc0) fail("UNSUPPORTED", "a 7z folder uses flags of a later version");
    const method = reader.take(flags & 15).toString("hex");
    const ins = flags & 0x10 ? reader.number() : 1;
    const outs = flags & 0x10 ? reader.number() : 1;
    if (ins > mostCoders || outs > mostCoders || ins === 0 || outs === 0)
      fail("MALFORMED", "a 7z method has an impossible number of streams");
    if (ins !== 1 || outs !== 1) simple = false;
    inputs += ins;
    outputs += outs;
    return { method, properties: flags & 0x20 ? reader.take(reader.number()) : Buffer.alloc(0) };
  });
  const bindings = Array.from({ length: outputs - 1 }, () => [reader.number(), reader.number()] as const);
  const packedStreams = inputs - bindings.length;
  if (packedStreams < 1) fail("MALFORMED", "a 7z folder has no packed stream");
  if (packedStreams > 1) for (let n = 0; n < packedStreams; n++) reader.number();
  return { coders, outputs, bindings, packedStreams, chain: simple && packedStreams === 1, sizes: [], crc: undefined };
}

/** Size of the output that no other method reads. */
function sizeOf({ sizes, bindings, outputs }: FolderLayout): number {
  for (let n = outputs - 1; n >= 0; n--) if (!bindings.some(([, output]) => output === n)) return sizes[n] ?? 0;
  return 0;
}

type MemberSizes = { size: number; crc: number | undefined }[][];

function readSubStreams(reader: HeaderReader, layouts: readonly FolderLayout[]): MemberSizes {
  let counts = layouts.map(() => 1);
  let members: MemberSizes | undefined;
  const defaults = (): MemberSizes =>
    layouts.map((layout, n) =>
      counts[n] === 1
        ? [{ size: sizeOf(layout), crc: layout.crc }]
        : Array.from({ length: counts[n]! }, () => ({ size: 0, crc: undefined })),
    );
  for (let type = reader.number(); type !== id.end; type = reader.number()) {
    if (type === id.unpackStreams) counts = layouts.map(() => reader.count("members"));
    else if (type === id.size) {
      if (counts.reduce((sum, count) => sum + count, 0) > 1_000_000)
        fail("LIMIT", "a 7z header lists more than 1000000 members");
      members = layouts.map((layout, n) => {
        let left = sizeOf(layout);
        return Array.from({ length: counts[n]! }, (_, index) => {
          const size = index + 1 < counts[n]! ? reader.number() : left;
          left -= size;
          if (left < 0) fail("MALFORMED", "the members of a 7z folder are longer than it");
          return { size, crc: counts[n] === 1 ? layout.crc : undefined };
        });
      });
    } else if (type === id.crc) {
      members ??= defaults();
      const unknown = members.flat().filter(({ crc }) => crc === undefined);
      const digests = reader.digests(unknown.length);
      for (const [index, member] of unknown.entries()) member.crc = digests[index];
    } else fail("MALFORMED", `a 7z header has the unknown part ${type}`);
  }
  return members ?? defaults();
}
