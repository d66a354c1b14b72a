import { recogniseZip } from "../../formats/zip/recognise.ts";
import { leftoverGaps } from "../leftovers.ts";
import { zipMembers } from "../zip-members.ts";
import type { ZipFile } from "../zip-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    zip: ZipFile;
  }
}

/** Bytes of stored members that are read only to verify their checksums. */
const checksumBytes = 32 * 1024 * 1024;

/** Zip files, with every member that any of their readers would find. */
export default reader({
  kind: "zip",
  title: "zip archive",
  family: "container",
  extensions: [".zip"],
  recognise: ({ source, head }) => recogniseZip(source, head),
  load: async () => ({
    ...(await import("../../formats/zip/read.ts")),
    ...(await import("../../formats/zip/checksums.ts")),
    ...(await import("../../formats/zip/content.ts")),
  }),
  read({ source }, budget, { readZip, storedChecksums, zipContent }) {
    const tick = (): void => budget.tick();
    const archive = readZip(source, { entries: budget.limits.entries, tick });
    const checksums = storedChecksums(source, archive.members, checksumBytes, tick);
    return {
      structure: { ...archive, checksums, content: (member) => zipContent(source, member) },
      incomplete: [...archive.incomplete, ...leftoverGaps(archive.leftovers)],
    };
  },
  members: (archive, { source }) => zipMembers(archive, source),
});
