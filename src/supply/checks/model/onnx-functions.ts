import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/onnx-functions",
  asks: "onnx",
  title: "This ONNX model defines functions that mislead or never end",
  severity: "high",
  refs: ["cwe:674", "cwe:400", "cwe:1007"],
  fix: "Do not load it; obtain the model again from its origin.",
  details:
    "Functions stand for operators. One that uses itself, or that doubles at every level, stops the loader; one that takes the name " +
    "of a standard operator makes a model compute something else than it shows.",
  *see({ structure }) {
    for (const flaw of structure.flaws) if (flaw.rule.startsWith("function-")) yield flawObservation(flaw);
  },
});
