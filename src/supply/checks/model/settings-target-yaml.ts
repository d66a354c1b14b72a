import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/settings-target-yaml",
  asks: "model-settings-yaml",
  title: "These settings name something to build or call that is no part of a model",
  severity: "high",
  refs: ["cwe:470", "cwe:502", "cve:CVE-2025-23304", "owasp-ml:ML06"],
  fix: "Do not load it. A configuration should name classes of model libraries only.",
  details:
    "Hydra and NeMo build whatever _target_ names, with the arguments beside it; MLflow imports loader_module; sentence-transformers and diffusers import the classes in their indexes.",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "target") yield finding(concernObservation(concern));
    }
  },
});
