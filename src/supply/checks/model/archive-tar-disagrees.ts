import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-tar-disagrees",
  asks: "tar",
  title: "Readers of this tar file see different contents",
  severity: "high",
  refs: ["cwe:436", "cwe:345", "cve:CVE-2025-62518"],
  fix: "Do not load it. Unpack it with a tool you trust, compare, and pack it anew.",
  details:
    "Where a header states two sizes, a number that programs read differently, or contents of a link, readers walk on from different places and find different members. Some stop at the end mark or at a damaged header, others go on. All members that any of them finds are examined.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "odd-number": "high",
      "sizes-differ": "high",
      "contents-on-link": "high",
      "odd-extension": "medium",
      "bad-header": "medium",
      "members-after-end": "medium",
      "hidden-bytes": "medium",
    });
  },
});
