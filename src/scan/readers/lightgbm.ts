import type { LightgbmModel } from "../../formats/boosting/lightgbm.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    lightgbm: LightgbmModel;
  }
}

/** LightGBM's text models: trees as lists of numbers, and nothing else. */
export default reader({
  kind: "lightgbm",
  title: "LightGBM text model",
  family: "model",
  extensions: [".lgb"],
  recognise: ({ head }) =>
    /^tree\r?\nversion=/.test(Buffer.from(head.subarray(0, 64)).toString("latin1")) ? "certain" : "no",
  load: () => import("../../formats/boosting/lightgbm.ts"),
  read({ source }, budget, { parseLightgbm }) {
    const structure = parseLightgbm(source, budget);
    return { structure, incomplete: structure.gaps };
  },
});
