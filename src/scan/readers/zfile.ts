import { zfileHeader } from "../../formats/joblib/zfile.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    zfile: CompressedFile;
  }
}

/** Compressed files of joblib before 0.10, which today's joblib still loads. */
export default reader({
  kind: "zfile",
  title: "compressed file of old joblib",
  family: "container",
  extensions: [".z", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (zfileHeader(head) ? "certain" : "no"),
  load: () => import("../../formats/joblib/zfile.ts"),
  read: ({ source, name }, _, { unpackZfile }) => compressedFile(source, name, () => unpackZfile(source)),
  members: (file) => file.members(),
});
