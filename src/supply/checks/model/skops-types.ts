import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/skops-types",
  asks: "skops-schema",
  title: "Loading this skops file builds or calls what is no part of an estimator",
  severity: "high",
  refs: ["cwe:502", "cwe:470", "cve:CVE-2025-54412", "cve:CVE-2025-54413", "cve:CVE-2025-54886", "owasp-ml:ML06"],
  fix: "Do not pass its types to trusted=. Ask for the model in a form without these nodes.",
  details:
    "skops shows which types a file needs, but nodes for methods and operators have looked up other names than they showed, and " +
    "Card.get_model falls back to joblib. Types outside of the estimator libraries are reported whatever the file says of them.",
  *see({ structure }) {
    for (const concern of structure.concerns) yield finding(concernObservation(concern));
  },
});
