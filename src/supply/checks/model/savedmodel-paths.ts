import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/savedmodel-paths",
  asks: "tensorflow",
  title: "This TensorFlow model names files outside its folder",
  severity: "high",
  refs: ["cwe:22", "cwe:73"],
  fix: "Do not load it. Obtain the model again from its origin.",
  details:
    "Assets and checkpoints belong into the model's folder. A model that names other places reads or overwrites files of the machine.",
  *see({ structure }) {
    for (const flaw of structure.flaws) if (flaw.rule.endsWith("-path")) yield flawObservation(flaw);
  },
});
