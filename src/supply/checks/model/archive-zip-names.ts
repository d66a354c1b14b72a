import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-zip-names",
  asks: "zip",
  title: "Unpacking this zip file writes where it should not",
  severity: "high",
  refs: ["cwe:22", "cwe:59", "cwe:180", "https://security.snyk.io/research/zip-slip-vulnerability"],
  fix: "Do not unpack it. If it must be, use a tool that refuses names with .., absolute names and links, in an empty folder.",
  details:
    "Names of members are paths that an attacker chooses. A careless unpacker follows .. and absolute paths, creates links that later members are written through, and lets the later of two equal names win; names with NUL bytes or backslashes are different files to different readers.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "name-escapes": "high",
      "symlink-escapes": "high",
      "special-file": "medium",
      symlink: "low",
      "name-ambiguous": "medium",
      "duplicate-name": "medium",
      "duplicate-folded-name": "low",
    });
  },
});
