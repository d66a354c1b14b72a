import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/settings-remote-code",
  asks: "model-settings",
  title: "These settings make loading run Python code of their own",
  severity: "high",
  refs: ["cwe:829", "cwe:94", "atlas:AML.T0010.003", "owasp-ml:ML06"],
  fix: "Read the code they name before trusting it, and load without trust_remote_code where a built-in class exists.",
  details:
    "auto_map and custom pipelines name classes in Python files beside the settings or in another repository. With trust_remote_code the loader downloads, imports and runs them.",
  *see({ structure }) {
    for (const concern of structure.concerns) {
      if (concern.rule === "remote-code") yield finding(concernObservation(concern));
    }
  },
});
