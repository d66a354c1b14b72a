import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/tflite-structure",
  asks: "tflite",
  title: "This TensorFlow Lite file breaks the rules of its format",
  severity: "high",
  refs: ["cwe:125", "cwe:787", "cwe:129", "cve:CVE-2020-15207", "cve:CVE-2022-23558"],
  fix: "Do not load it. Fetch the file again from its origin, or convert the model anew.",
  details:
    "TensorFlow Lite follows offsets and numbers in the file without looking twice: those that lead outside the file or name tensors that " +
    "do not exist become reads and writes outside the heap. Weights named in other files are read from wherever the name says.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield flawObservation(flaw);
  },
});
