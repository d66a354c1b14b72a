import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-loads",
  asks: "chat-template",
  title: "This chat template takes in other files",
  severity: "high",
  refs: ["cwe:829", "cwe:22"],
  fix: "Do not load this model with its own template; a chat template has no other files to take in.",
  details:
    "Where the runtime gives Jinja a loader, include, import and extends read files of the machine into the prompt.",
  *see({ structure }) {
    yield* concernObservations(structure, "loads");
  },
});
