import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/safetensors-structure",
  asks: "safetensors",
  title: "This safetensors file breaks the rules of its format",
  severity: "high",
  refs: ["cwe:1287", "cwe:130", "https://github.com/huggingface/safetensors#format"],
  fix: "Do not load it. Fetch the file again from its origin, or save the tensors anew with the safetensors library.",
  details:
    "The format leaves no freedom: one JSON object without repeated names, tensors side by side from the header to the end of the " +
    "file. Overlaps, holes, repeated names and impossible lengths let two readers see two different models, hide other files, or " +
    "make careless readers read outside their memory. The reference library refuses such files; others do not.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield finding(flawObservation(flaw));
  },
});
