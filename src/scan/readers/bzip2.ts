import { isBzip2 } from "../../formats/bzip2/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    bzip2: CompressedFile;
  }
}

/** bzip2 files; all streams together are one file inside. */
export default reader({
  kind: "bzip2",
  title: "bzip2",
  family: "container",
  extensions: [".bz2", ".tbz2", ".tbz", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (isBzip2(head) ? "certain" : "no"),
  load: () => import("../../formats/bzip2/bzip2.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.bunzip2(source)),
  members: (file) => file.members(),
});
