import { isSkopsSchema } from "../../formats/skops/examine.ts";
import type { SkopsSchema } from "../../formats/skops/examine.ts";
import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "skops-schema": SkopsSchema;
  }
}

/** The schema.json of a skops archive. Written from the library's documentation; not verified against its files. */
export default refiner({
  kind: "skops-schema",
  title: "skops schema",
  family: "model",
  extensions: [],
  refines: "json",
  recognise: ({ base }) => (isSkopsSchema(base.root) ? "certain" : "no"),
  load: () => import("../../formats/skops/examine.ts"),
  read({ base }, budget, { examineSkops }) {
    const structure = examineSkops(base.root, budget);
    return { structure, incomplete: structure.gaps };
  },
});
