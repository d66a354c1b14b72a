import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-sevenzip-names",
  asks: "sevenzip",
  title: "Unpacking this 7z file writes where it should not",
  severity: "high",
  refs: ["cwe:22", "cwe:59"],
  fix: "Do not unpack it. If it must be, use a current 7-Zip in an empty folder.",
  details:
    "Names of members are paths that an attacker chooses; versions of 7-Zip and programs built on its code have followed .. and links.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "name-escapes": "high",
      "special-file": "medium",
      symlink: "medium",
      "name-ambiguous": "medium",
      "duplicate-name": "medium",
    });
  },
});
