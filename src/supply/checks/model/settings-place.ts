import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/settings-place",
  asks: "model-settings",
  title: "These settings lead to another place than the model's folder",
  severity: "medium",
  refs: ["cwe:73", "cwe:494"],
  fix: "Fetch what they name yourself, from a source you trust, and write a plain name into the settings.",
  details:
    "Adapters and tokenizers follow names in their settings: an address or a path upward takes files from where the author chose.",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "place") yield finding(concernObservation(concern));
    }
  },
});
