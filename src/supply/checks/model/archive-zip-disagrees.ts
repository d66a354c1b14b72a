import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-zip-disagrees",
  asks: "zip",
  title: "Readers of this zip file see different contents",
  severity: "high",
  refs: ["cwe:436", "cwe:345", "https://docs.python.org/3/library/zipfile.html#decompression-pitfalls"],
  fix: "Do not load it. Unpack it with a tool you trust, compare, and pack it anew.",
  details:
    "A zip file says everything about a member twice: in the directory at its end and in the header before the member. Loaders, scanners and unpackers each believe one of them. Where the two disagree, or two directories compete, what was examined is not what is loaded. No honest tool writes such files; damage in transit can cause some of it.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "names-differ": "high",
      "headers-differ": "high",
      "directory-ambiguous": "high",
      "no-local-header": "medium",
      "directory-size": "medium",
      overlap: "high",
    });
  },
});
