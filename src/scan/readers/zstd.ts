import { isZstd } from "../../formats/zstd/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    zstd: CompressedFile;
  }
}

/** Zstandard files; all frames together are one file inside. */
export default reader({
  kind: "zstd",
  title: "Zstandard",
  family: "container",
  extensions: [".zst", ".tzst", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (isZstd(head) ? "certain" : "no"),
  load: () => import("../../formats/zstd/zstd.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.unzstd(source)),
  members: (file) => file.members(),
});
