import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/savedmodel-structure",
  asks: "tensorflow",
  title: "This TensorFlow file breaks the rules of its format",
  severity: "medium",
  refs: ["cwe:1287", "https://www.tensorflow.org/guide/saved_model"],
  fix: "Do not load it. Fetch the file again from its origin, or export the model anew.",
  details:
    "Fields that the format does not know, or that occur twice, let two readers see two different models; messages that are cut short " +
    "come from damaged or crafted files.",
  *see({ structure }) {
    for (const flaw of structure.flaws) {
      if (!flaw.rule.endsWith("-path") && flaw.rule !== "keras-lambda") yield flawObservation(flaw);
    }
  },
});
