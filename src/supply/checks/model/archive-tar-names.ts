import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-tar-names",
  asks: "tar",
  title: "Unpacking this tar file writes where it should not",
  severity: "high",
  refs: ["cwe:22", "cwe:59", "cve:CVE-2007-4559"],
  fix: "Do not unpack it. If it must be, use a tool that refuses such names and links (Python: filter='data'), in an empty folder.",
  details:
    "Names and link targets in a tar file are chosen by whoever made it. Python before 3.12 and many programs write members to absolute paths and through links that lead outside.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "name-escapes": "high",
      "link-escapes": "high",
      "special-file": "medium",
      "name-ambiguous": "medium",
      "duplicate-name": "low",
    });
  },
});
