import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-exhausts",
  asks: "chat-template",
  title: "This chat template uses time or memory without measure",
  severity: "high",
  refs: ["cwe:400", "cwe:834"],
  fix: "Do not render this template; obtain the model elsewhere.",
  details:
    "Every request renders the template. A loop over a huge range, or a text repeated without measure, stops the server.",
  *see({ structure }) {
    yield* concernObservations(structure, "exhausts");
  },
});
