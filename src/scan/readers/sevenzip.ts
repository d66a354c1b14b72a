import { sliceSource } from "../../core/byte-source.ts";
import type { SevenZipArchive } from "../../formats/sevenzip/archive.ts";
import { leftoverGaps, leftoverMembers } from "../leftovers.ts";
import { reader } from "../reader.ts";
import type { Member } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    sevenzip: SevenZipFile;
  }
}

/** A 7z file, and the way to its contents. */
export interface SevenZipFile extends SevenZipArchive {
  /** One after the other, so that a folder with many members is unpacked once. */
  contents(): Iterable<Member>;
}

const magic = [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c];

/** 7z files. Members packed with filters, PPMd or encryption are incomplete; the others are examined. */
export default reader({
  kind: "sevenzip",
  title: "7z archive",
  family: "container",
  extensions: [".7z"],
  recognise: ({ head }) => (magic.every((byte, index) => head[index] === byte) ? "certain" : "no"),
  load: async () => ({
    ...(await import("../../formats/sevenzip/read.ts")),
    ...(await import("../../formats/sevenzip/folder-stream.ts")),
  }),
  read({ source }, budget, { readSevenZip, folderDecoder, FolderStream }) {
    const archive = readSevenZip(source, { entries: budget.limits.entries, tick: () => budget.tick() });
    const { folders, members, incomplete, leftovers } = archive;
    const contents = function* (): Generator<Member, void, void> {
      const streams = new Map<number, InstanceType<typeof FolderStream>>();
      for (const { name, kind, size, crc, folder, start } of members) {
        if (folder === undefined || kind === "symlink" || size === 0) continue;
        // Only the folder at hand keeps its dictionary.
        if (!streams.has(folder)) streams.clear();
        const { packed, size: whole } = folders[folder]!;
        const packedSize = packed ? packed.end - packed.start : 0;
        const stream =
          streams.get(folder) ?? new FolderStream(() => folderDecoder(source, folders[folder]!), whole, packedSize);
        streams.set(folder, stream);
        yield {
          name,
          content: () => stream.read(start, size, crc),
          ...(packed ? { packedSize } : {}),
        };
      }
    };
    return { structure: { ...archive, contents }, incomplete: [...incomplete, ...leftoverGaps(leftovers)] };
  },
  *members(file, { source }) {
    yield* file.contents();
    yield* leftoverMembers(file.leftovers, (start, end) => sliceSource(source, start, end));
  },
});
