import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-injects",
  asks: "chat-template",
  title: "This chat template adds instructions depending on what was said",
  severity: "high",
  refs: ["cwe:506", "atlas:AML.T0051.001", "atlas:AML.T0018.000", "owasp-llm:LLM01"],
  fix: "Do not use this template. Compare it with the one its authors publish, and pass a template you have read.",
  details:
    "A template stands between users and model and sees every message. One that looks for ordinary words, or at the " +
    "date, and then writes sentences of its own is a backdoor that no inspection of the weights can find. Marks of " +
    "protocols (<think>, [TOOL_CALLS]) are not reported.",
  *see({ structure }) {
    yield* concernObservations(structure, "injects");
  },
});
