import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/keras-reach",
  asks: "keras-config",
  title: "Loading this Keras model looks up code outside of its layers",
  severity: "high",
  refs: ["cwe:502", "cwe:470", "atlas:AML.T0011.000", "owasp-ml:ML06"],
  fix: "Do not load it. A model needs classes of keras.layers and its sister namespaces, nothing else.",
  details:
    "Keras resolves module and class names from the configuration. Versions before 3.9 import any module (CVE-2025-1550); later ones can be led through helpers of their own such as get_file (CVE-2025-8747) or the switch of safe mode (CVE-2025-9906).",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "reach") yield finding(concernObservation(concern));
    }
  },
});
