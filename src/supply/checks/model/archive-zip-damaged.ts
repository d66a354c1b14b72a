import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-zip-damaged",
  asks: "zip",
  title: "Members of this zip file are not what their checksums say",
  severity: "medium",
  refs: ["cwe:354"],
  fix: "Fetch the file again from its origin and compare its digest.",
  details:
    "torch does not verify the checksums of what it loads, Python only after it has read a member to its end. A wrong checksum is damage or a change made by hand; tools that stop at it have not seen the member. It was examined here all the same.",
  *see({ structure }) {
    yield* anomalyObservations(structure.checksums.anomalies, {
      damaged: "medium",
    });
  },
});
