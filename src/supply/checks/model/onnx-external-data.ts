import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/onnx-external-data",
  asks: "onnx",
  title: "This ONNX model reads its tensors from where it should not",
  severity: "high",
  refs: ["cwe:22", "cwe:73", "cve:CVE-2022-25882", "cve:CVE-2024-27318", "cve:CVE-2024-5187", "cve:CVE-2025-51480"],
  fix: "Do not load it. Obtain the model again, with its tensors inside or in files beside it.",
  details:
    "Tensors may lie in other files, which the loader opens by the path in the model. Paths that are absolute, climb out of the " +
    "folder or name other hosts let a model read files of the machine into its outputs; converters that save such a model overwrite " +
    "them. Offsets and lengths that are no numbers, and keys no specification knows, have been used to confuse loaders.",
  *see({ structure }) {
    for (const flaw of structure.flaws) if (flaw.rule.startsWith("external-")) yield flawObservation(flaw);
  },
});
