import type { CoremlFile } from "../../formats/coreml/parse.ts";
import { looksLikeCoreml } from "../../formats/coreml/recognise.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    coreml: CoremlFile;
  }
}

/** Core ML models: .mlmodel files, and the model inside an .mlpackage folder. */
export default reader({
  kind: "coreml",
  title: "Core ML model",
  family: "model",
  extensions: [".mlmodel"],
  recognise: ({ source }) => (looksLikeCoreml(source) ? "likely" : "no"),
  load: () => import("../../formats/coreml/parse.ts"),
  read({ source }, budget, { parseCoreml }) {
    const structure = parseCoreml(source, budget);
    return { structure, incomplete: structure.gaps };
  },
});
