import type { ByteSource } from "../core/byte-source.ts";
import { sliceSource } from "../core/byte-source.ts";
import type { ZipArchive, ZipMember } from "../formats/zip/archive.ts";
import type { StoredChecksums } from "../formats/zip/checksums.ts";
import { leftoverMembers } from "./leftovers.ts";
import type { Member } from "./reader.ts";

/** A zip file as all its readers see it, with what became of its checksums. */
export interface ZipFile extends ZipArchive {
  readonly checksums: StoredChecksums;
  /** The bytes of a member: a slice when it is stored as it is, else a function that unpacks it. */
  content(member: ZipMember): Member["content"];
}

/** A member of a zip file, with the place of its local header; absent for bytes that are no member. */
export type ZipContentMember = Member & { readonly headerOffset?: number };

/** Everything in a zip file that is to be examined: files as each class of readers sees them, and what belongs to nothing. */
export function* zipMembers(archive: ZipFile, source: ByteSource): Generator<ZipContentMember, void, void> {
  for (const member of archive.members) {
    const { kind, seenBy, packedSize, headerOffset } = member;
    // A link's content is its target, which a check has looked at.
    if (kind === "symlink" || packedSize === 0) continue;
    const name = seenBy === "directory" ? member.name : `(${seenBy})/${member.name}`;
    yield {
      name,
      content: archive.content(member),
      packedSize,
      ...(seenBy === "directory" ? { headerOffset } : {}),
    };
  }
  yield* leftoverMembers(archive.leftovers, (start, end) => sliceSource(source, start, end));
}
