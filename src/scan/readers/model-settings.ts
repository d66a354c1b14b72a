import { isModelSettings } from "../../formats/model-config/settings.ts";
import type { ModelSettings } from "../../formats/model-config/settings.ts";
import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "model-settings": ModelSettings;
  }
}

/** JSON settings beside a model: Hugging Face, diffusers, PEFT, sentence-transformers. */
export default refiner({
  kind: "model-settings",
  title: "Model settings",
  family: "other",
  extensions: [".json"],
  refines: "json",
  recognise: ({ base }) => (isModelSettings(base.root) ? "certain" : "no"),
  load: () => import("../../formats/model-config/settings.ts"),
  read({ base }, budget, { examineSettings }) {
    const structure = examineSettings(base.root, budget);
    return { structure, incomplete: structure.gaps };
  },
});
