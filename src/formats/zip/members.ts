import { nameHazards } from "../container/member-names.ts";
import type { ZipAnomaly, ZipMember } from "./archive.ts";
import { entryName } from "./entry-name.ts";
import type { DirectoryEntry, ZipHeader } from "./records.ts";
import { flag } from "./records.ts";

const encryptedFlags = flag.encrypted | flag.strong | flag.masked;

/** The member as readers of the directory see it. */
export function directoryMember(
  entry: DirectoryEntry,
  local: ZipHeader | undefined,
  seenBy: "directory" | "other directory",
  shift: number,
): ZipMember {
  return {
    ...common(entry),
    seenBy,
    kind: kindOf(entry),
    packedSize: entry.packedSize,
    headerOffset: local?.offset ?? entry.headerOffset + shift,
    dataOffset: local && local.offset + local.length,
    open: false,
    entryOffset: entry.offset,
  };
}

/** The member as its local header alone describes it; the data end at `dataEnd`. */
export function headerMember(
  header: ZipHeader,
  seenBy: "local header" | "stray",
  dataEnd: number,
  open: boolean,
): ZipMember {
  const dataOffset = header.offset + header.length;
  const members = common(header);
  return {
    ...members,
    seenBy,
    kind: members.name.endsWith("/") ? "folder" : "file",
    packedSize: Math.max(0, dataEnd - dataOffset),
    headerOffset: header.offset,
    dataOffset,
    open,
    entryOffset: undefined,
  };
}

function common(header: ZipHeader): Pick<ZipMember, "name" | "method" | "flags" | "encrypted" | "crc" | "size"> {
  const { text } = entryName(header.rawName, header.flags);
  const nul = text.indexOf("\0");
  return {
    name: nul >= 0 ? text.slice(0, nul) : text,
    method: header.method,
    flags: header.flags,
    encrypted: (header.flags & encryptedFlags) !== 0 || header.method === 99,
    crc: header.crc,
    size: header.size,
  };
}

/** From the Unix mode bits (Info-ZIP's use of the external attributes) or the name. */
function kindOf(entry: DirectoryEntry): ZipMember["kind"] {
  // Mode bits count whatever system the entry says it was made on: most tools do not look.
  const type = (entry.external >>> 16) & 0xf000;
  if (type === 0xa000) return "symlink";
  if (type === 0x4000 || entry.rawName.at(-1) === 0x2f) return "folder";
  if (type === 0x2000 || type === 0x6000 || type === 0x1000 || type === 0xc000) return "special";
  return "file";
}

/** What is odd about one directory entry in itself. */
export function* nameAnomalies(entry: DirectoryEntry, member: ZipMember): Generator<ZipAnomaly, void, void> {
  const { text, valid } = entryName(entry.rawName, entry.flags);
  const at = { offset: entry.offset, member: member.name };
  for (const hazard of nameHazards(text)) yield { ...hazard, ...at };
  if (!valid) yield { code: "name-ambiguous", why: "the name is said to be UTF-8 and is not", ...at };
  if (member.kind === "symlink") yield { code: "symlink", why: "the member is a symbolic link", ...at };
  if (member.kind === "special") yield { code: "special-file", why: "the member is a device, pipe or socket", ...at };
  if (member.encrypted) yield { code: "encrypted", why: "the member is encrypted", ...at };
  if (member.kind === "folder" && member.packedSize > 0 && member.size > 0) {
    yield { code: "headers-differ", why: "the member is a folder and has contents", ...at };
  }
}
