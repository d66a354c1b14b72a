import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { concernObservation } from "../../model/concern-observation.ts";

export default check({
  id: "supply/model/pmml-document",
  asks: "pmml",
  title: "This PMML document does more than describe a model",
  severity: "high",
  refs: ["cwe:611", "cwe:776", "cwe:827", "https://dmg.org/pmml/v4-4-1/GeneralStructure.html"],
  fix: "Read it with entities and external documents turned off, or have the model exported again without them.",
  details:
    "PMML is XML: a document type can make parsers read local files, call addresses or expand without end. Models need none of it. " +
    "Inclusions and stylesheets bring in other documents, extensions content for one vendor's engine.",
  *see({ structure }) {
    for (const concern of structure.concerns) yield finding(concernObservation(concern));
  },
});
