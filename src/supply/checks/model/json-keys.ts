import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/json-keys",
  asks: "json",
  title: "This JSON is read differently by different programs",
  severity: "medium",
  refs: ["cwe:436", "https://www.rfc-editor.org/rfc/rfc8259#section-4"],
  fix: "Write the file anew with a JSON library; ask who made it so.",
  details:
    "Repeated keys and unusual encodings let one program check one value and another use the other. Every value is examined here.",
  *see({ structure }) {
    for (const flaw of structure.flaws) yield finding(flawObservation(flaw));
  },
});
