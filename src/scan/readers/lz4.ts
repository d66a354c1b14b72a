import { isLz4 } from "../../formats/lz4/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    lz4: CompressedFile;
  }
}

/** LZ4 files; all frames together are one file inside. */
export default reader({
  kind: "lz4",
  title: "LZ4",
  family: "container",
  extensions: [".lz4", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (isLz4(head) ? "certain" : "no"),
  load: () => import("../../formats/lz4/lz4.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.lz4(source)),
  members: (file) => file.members(),
});
