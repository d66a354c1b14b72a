import { sliceSource } from "../../core/byte-source.ts";
import type { TensorflowFile } from "../../formats/tensorflow/parse.ts";
import { tensorflowKind } from "../../formats/tensorflow/recognise.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    tensorflow: TensorflowFile;
  }
}

/** SavedModels, graphs and what lies beside them; descriptions of Keras layers are handed on as members. */
export default reader({
  kind: "tensorflow",
  title: "TensorFlow model",
  family: "model",
  extensions: [".pb", ".meta"],
  recognise: ({ source }) => (tensorflowKind(source) ? "likely" : "no"),
  load: () => import("../../formats/tensorflow/parse.ts"),
  read({ source }, budget, { parseTensorflow }) {
    const structure = parseTensorflow(source, budget);
    return { structure, incomplete: structure.gaps };
  },
  *members({ metadata }, { source }) {
    for (const { name, offset, length } of metadata) {
      // Only descriptions are JSON objects; the rest are names.
      const content = sliceSource(source, offset, offset + length);
      if (content.read(0, 1)[0] === 0x7b) yield { name: `${name}.json`, content };
    }
  },
});
