import { recogniseLzma } from "../../formats/lzma/recognise.ts";
import { compressedFile } from "../stream-members.ts";
import type { CompressedFile } from "../stream-members.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    lzma: CompressedFile;
  }
}

/** Files of the old LZMA program. */
export default reader({
  kind: "lzma",
  title: "LZMA",
  family: "container",
  extensions: [".lzma", ".tlz", ".joblib", ".pkl", ".pickle"],
  recognise: ({ head, source }) => recogniseLzma(head, source),
  load: () => import("../../formats/lzma/lzma.ts"),
  read: ({ source, name }, _, parser) => compressedFile(source, name, () => parser.lzmaAlone(source)),
  members: (file) => file.members(),
});
