import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/keras-code",
  asks: "keras-config",
  title: "This Keras model contains Python code",
  severity: "critical",
  refs: [
    "cwe:502",
    "cwe:94",
    "atlas:AML.T0011.000",
    "owasp-ml:ML06",
    "https://keras.io/api/layers/core_layers/lambda/",
  ],
  fix: "Do not load it with safe mode off, nor as .h5 at all. Ask for a model whose Lambda layers are replaced by ordinary or registered layers.",
  details:
    "Lambda layers carry marshalled bytecode that runs when the model is loaded or called. Safe mode refuses them in .keras files; the older HDF5 format ignores safe mode (CVE-2025-9905).",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "code") yield finding(concernObservation(concern));
    }
  },
});
