import { check } from "../../../scan/check.ts";
import { anomalyObservations } from "../../archive/anomaly-observations.ts";

export default check({
  id: "supply/model/archive-zip-hides",
  asks: "zip",
  title: "This zip file holds data that its directory does not show",
  severity: "high",
  refs: ["cwe:436", "cwe:506"],
  fix: "Find out what wrote it. Pack the files you need anew; a self-extracting program in front is not needed to load a model.",
  details:
    "Bytes before, between or behind the members are skipped by readers of the directory and executed or unpacked by others: a file can be a program or a pickle at its start and a zip file at its end. What is hidden is examined as files of their own.",
  *see({ structure }) {
    yield* anomalyObservations(structure.anomalies, {
      "outside-directory": "high",
      "hidden-bytes": "medium",
      comment: "high",
    });
  },
});
