import { recogniseZlib } from "../../formats/deflate/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    zlib: CompressedFile;
  }
}

/** Bare zlib streams, as joblib writes them. */
export default reader({
  kind: "zlib",
  title: "zlib stream",
  family: "container",
  extensions: [".zlib", ".z", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head, source }) => recogniseZlib(head, source),
  load: () => import("../../formats/deflate/zlib-stream.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.zlibStream(source)),
  members: (file) => file.members(),
});
