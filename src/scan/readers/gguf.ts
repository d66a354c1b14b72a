import { sliceSource } from "../../core/byte-source.ts";
import type { GgufFile } from "../../formats/gguf/parse.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    gguf: GgufFile;
  }
}

/** GGUF files; the chat templates inside are handed on as members, to be examined as the programs they are. */
export default reader({
  kind: "gguf",
  title: "GGUF",
  family: "model",
  extensions: [".gguf"],
  recognise: ({ head }) => ([0x47, 0x47, 0x55, 0x46].every((byte, index) => head[index] === byte) ? "certain" : "no"),
  load: () => import("../../formats/gguf/parse.ts"),
  read({ source }, budget, { parseGguf }) {
    const structure = parseGguf(source, budget);
    return { structure, incomplete: structure.gaps };
  },
  *members({ templates }, { source }) {
    for (const { key, offset, length } of templates) {
      yield { name: `${key}.jinja`, content: sliceSource(source, offset, offset + length) };
    }
  },
});
