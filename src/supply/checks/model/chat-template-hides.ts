import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-hides",
  asks: "chat-template",
  title: "This chat template contains characters nobody can see",
  severity: "medium",
  refs: ["cwe:1007", "cwe:451"],
  fix: "Remove the characters, or use a template you have read.",
  details:
    "Zero-width and tag characters reach the model but not the reviewer's eye, and text direction marks show text in " +
    "another order than it is read.",
  *see({ structure }) {
    yield* concernObservations(structure, "hides");
  },
});
