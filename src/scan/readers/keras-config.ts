import { isKerasConfig } from "../../formats/keras/examine.ts";
import type { KerasConfig } from "../../formats/keras/examine.ts";
import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "keras-config": KerasConfig;
  }
}

/** The configuration of a Keras model: in a .keras archive, in an attribute of an HDF5 file, or on its own. */
export default refiner({
  kind: "keras-config",
  title: "Keras model configuration",
  family: "model",
  extensions: [],
  refines: "json",
  recognise: ({ base }) => (isKerasConfig(base.root) ? "certain" : "no"),
  load: () => import("../../formats/keras/examine.ts"),
  read({ base }, budget, { examineKeras }) {
    const structure = examineKeras(base.root, budget);
    return { structure, incomplete: structure.gaps };
  },
});
