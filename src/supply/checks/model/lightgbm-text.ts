import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/lightgbm-text",
  asks: "lightgbm",
  title: "This LightGBM model has lines that LightGBM does not write",
  severity: "medium",
  refs: ["cwe:1287"],
  fix: "Save the model anew with save_model, or ask where the lines come from.",
  details:
    "A LightGBM text model is lists of numbers between fixed words. Other lines were put there by something else.",
  *see({ structure }) {
    for (const { why, offset } of structure.gaps) {
      yield finding({ why: `${why}.`, key: why.slice(0, 60), ...(offset === undefined ? {} : { at: { offset } }) });
    }
  },
});
