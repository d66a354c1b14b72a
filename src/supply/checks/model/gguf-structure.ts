import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/gguf-structure",
  asks: "gguf",
  title: "This GGUF file breaks the rules of its format",
  severity: "high",
  refs: ["cwe:190", "cwe:787", "cwe:125", "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"],
  fix: "Do not load it. Fetch the file again from its origin, or convert the original model anew.",
  details:
    "GGUF readers in C allocate from the counts, lengths and shapes the file states. Values that cannot be true have led to writes " +
    "outside the heap in llama.cpp and ggml (2024 and later advisories). Names that occur twice, and tensors that lie over each " +
    "other, let two readers see two different models.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield finding(flawObservation(flaw));
  },
});
