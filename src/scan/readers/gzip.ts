import { isGzip } from "../../formats/gzip/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    gzip: CompressedFile;
  }
}

/** gzip files; all members together are one file inside. */
export default reader({
  kind: "gzip",
  title: "gzip",
  family: "container",
  extensions: [".gz", ".tgz", ".gzip", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head }) => (isGzip(head) ? "certain" : "no"),
  load: () => import("../../formats/gzip/gzip.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.gunzip(source)),
  members: (file) => file.members(),
});
