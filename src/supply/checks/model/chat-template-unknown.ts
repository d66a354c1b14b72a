import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-unknown",
  asks: "chat-template",
  title: "This chat template uses something no runtime is known to provide",
  severity: "medium",
  refs: ["cwe:1104"],
  fix: "Find out which runtime the template is written for and what it adds; render it nowhere else.",
  details:
    "A template can only do harm through what its surroundings give it. Functions, methods, filters and tests outside " +
    "the known set were not examined.",
  *see({ structure }) {
    yield* concernObservations(structure, "unknown");
  },
});
