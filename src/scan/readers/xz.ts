import { isXz } from "../../formats/xz/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    xz: CompressedFile;
  }
}

/** xz files; all streams together are one file inside. */
export default reader({
  kind: "xz",
  title: "xz",
  family: "container",
  extensions: [".xz", ".txz", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (isXz(head) ? "certain" : "no"),
  load: () => import("../../formats/xz/xz.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.unxz(source)),
  members: (file) => file.members(),
});
