import { bytesSource, sliceSource } from "../../core/byte-source.ts";
import type { Hdf5File } from "../../formats/hdf5/parse.ts";
import { findSuperblock } from "../../formats/hdf5/superblock.ts";
import { leftoverGaps, leftoverMembers } from "../leftovers.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    hdf5: Hdf5File;
  }
}

/** HDF5 files. Attributes that hold JSON are members: in Keras' older format they are the model's configuration. */
export default reader({
  kind: "hdf5",
  title: "HDF5",
  family: "model",
  extensions: [".h5", ".hdf5", ".hdf", ".he5"],
  recognise: ({ source }) => {
    const at = findSuperblock(source);
    return at === undefined ? "no" : "certain";
  },
  load: () => import("../../formats/hdf5/parse.ts"),
  read({ source }, budget, { parseHdf5 }) {
    const structure = parseHdf5(source, budget);
    const outer = structure.leftovers.filter(({ place }) => place !== "between structures");
    return { structure, incomplete: [...structure.gaps, ...leftoverGaps(outer)] };
  },
  *members({ texts, leftovers }, { source }) {
    for (const { path, bytes } of texts) {
      const begin = bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf && byte < 0xfe);
      if (begin === 0x7b || begin === 0x5b) yield { name: `${path}.json`, content: bytesSource(bytes) };
    }
    const outer = leftovers.filter(({ place }) => place !== "between structures");
    yield* leftoverMembers(outer, (start, end) => sliceSource(source, start, end));
  },
});
