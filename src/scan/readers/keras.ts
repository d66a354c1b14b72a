import { isKerasArchive, readKerasArchive } from "../../formats/keras/archive.ts";
import type { KerasArchive } from "../../formats/keras/archive.ts";
import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    keras: KerasArchive;
  }
}

/** Keras 3 archives. Configuration, weights and assets are members, each examined as what it is. */
export default refiner({
  kind: "keras",
  title: "Keras archive",
  family: "model",
  extensions: [".keras"],
  refines: "zip",
  recognise: ({ base }) => (isKerasArchive(base.members.map(({ name }) => name)) ? "certain" : "no"),
  read({ base }) {
    const structure = readKerasArchive(base.members.map(({ name }) => name));
    return { structure, incomplete: structure.gaps };
  },
});
