import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/onnx-structure",
  asks: "onnx",
  title: "This ONNX file breaks the rules of its format",
  severity: "medium",
  refs: ["cwe:1287", "cwe:190", "cwe:125", "https://github.com/onnx/onnx/blob/main/docs/IR.md"],
  fix: "Do not load it. Fetch the file again from its origin, or export the model anew.",
  details:
    "Tensors whose shapes overflow or do not fit their bytes make careless readers read outside their memory. Fields that the format " +
    "does not know, or that occur twice, let two readers see two different models.",
  *see({ structure }) {
    for (const flaw of structure.flaws) {
      if (!flaw.rule.startsWith("function-") && !flaw.rule.startsWith("external-")) yield flawObservation(flaw);
    }
  },
});
