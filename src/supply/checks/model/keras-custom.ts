import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/keras-custom",
  asks: "keras-config",
  title: "This Keras model needs code that is not in the file",
  severity: "medium",
  refs: ["cwe:829"],
  fix: "Obtain the custom objects from the author, review them, and pass them as custom_objects.",
  details:
    "Custom classes and functions are looked up among what the loading program has registered or can import. What they do cannot be seen from the file.",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "custom") yield finding(concernObservation(concern));
    }
  },
});
