import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/coreml-outside",
  asks: "coreml",
  title: "This Core ML model needs code or files from elsewhere",
  severity: "medium",
  refs: ["cwe:829", "cwe:22", "https://apple.github.io/coremltools/mlmodel/Format/CustomModel.html"],
  fix: "Find out which code provides these parts and whether you trust it; better, convert the model without them.",
  details:
    "Custom models and layers are run by classes of the application that loads the model; linked models and weights are read from " +
    "the files the model names. Names that lead out of the model's folder have no good reason.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield flawObservation(flaw);
  },
});
