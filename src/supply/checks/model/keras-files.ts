import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/keras-files",
  asks: "keras-config",
  title: "Loading this Keras model opens files or addresses it names",
  severity: "high",
  refs: ["cwe:73", "cwe:918", "owasp-ml:ML06"],
  fix: "Do not load it. Vocabularies belong into the archive, as lists in the configuration or as assets.",
  details:
    "Lookup layers read a vocabulary from a path or address in their configuration: a model can read local files into itself, or make the loading machine send requests (CVE-2025-12058).",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "files") yield finding(concernObservation(concern));
    }
  },
});
