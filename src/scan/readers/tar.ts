import { sliceSource } from "../../core/byte-source.ts";
import type { TarArchive } from "../../formats/tar/archive.ts";
import { checksumFits } from "../../formats/tar/header.ts";
import { leftoverGaps, leftoverMembers } from "../leftovers.ts";
import { reader } from "../reader.ts";
import { tarContent } from "../../formats/tar/read.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    tar: TarArchive;
  }
}

/** Tar files of every kind, with the members behind damage and behind the end mark. */
export default reader({
  kind: "tar",
  title: "tar archive",
  family: "container",
  extensions: [".tar"],
  recognise: ({ head }) => (head.length >= 512 && checksumFits(head.subarray(0, 512)) ? "certain" : "no"),
  load: () => import("../../formats/tar/read.ts"),
  read({ source }, budget, { readTar }) {
    const structure = readTar(source, { entries: budget.limits.entries, tick: () => budget.tick() });
    return { structure, incomplete: [...structure.incomplete, ...leftoverGaps(structure.leftovers)] };
  },
  *members({ members, leftovers }, { source }) {
    for (const member of members) {
      if (member.kind !== "file" && member.kind !== "label") continue;
      if (member.packedSize > 0)
        yield { name: member.name, content: tarContent(source, member), packedSize: member.packedSize };
    }
    yield* leftoverMembers(leftovers, (start, end) => sliceSource(source, start, end));
  },
});
