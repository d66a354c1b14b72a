import { sliceSource } from "../../core/byte-source.ts";
import type { NpyFile } from "../../formats/npy/parse.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    npy: NpyFile;
  }
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy arrays. What numpy.load would unpickle is handed on as a member, to be examined as the pickle it is. */
export default reader({
  kind: "npy",
  title: "NumPy array",
  family: "model",
  extensions: [".npy"],
  recognise: ({ head }) => (magic.every((byte, index) => head[index] === byte) ? "certain" : "no"),
  load: () => import("../../formats/npy/parse.ts"),
  read({ source }, budget, { parseNpy }) {
    const structure = parseNpy(source, budget);
    return { structure, incomplete: structure.gaps };
  },
  *members({ inner }, { source }) {
    for (const { name, offset, length } of inner) {
      if (length > 0) yield { name, content: sliceSource(source, offset, offset + length) };
    }
  },
});
