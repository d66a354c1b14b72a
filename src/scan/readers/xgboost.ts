import { isXgboostModel } from "../../formats/boosting/xgboost.ts";
import type { XgboostModel } from "../../formats/boosting/xgboost.ts";
import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    xgboost: XgboostModel;
  }
}

/** XGBoost models saved as JSON. */
export default refiner({
  kind: "xgboost",
  title: "XGBoost model (JSON)",
  family: "model",
  extensions: [],
  refines: "json",
  recognise: ({ base }) => (isXgboostModel(base.root) ? "certain" : "no"),
  load: () => import("../../formats/boosting/xgboost.ts"),
  read({ base }, _budget, { examineXgboost }) {
    const structure = examineXgboost(base.root);
    return { structure, incomplete: structure.gaps };
  },
});
