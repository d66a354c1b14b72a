import { check } from "../../../scan/check.ts";
import { concernObservations } from "../../model/template-observation.ts";

export default check({
  id: "supply/model/chat-template-reaches",
  asks: "chat-template",
  title: "This chat template reaches for Python's internals",
  severity: "critical",
  refs: ["cwe:1336", "cwe:94", "cve:CVE-2024-34359", "cve:CVE-2026-5760", "owasp-llm:LLM03"],
  fix: "Do not load this model with its own template. Pass a template you have read (`chat_template=`), or obtain the model elsewhere.",
  details:
    "Chat templates are Jinja programs. From any value, attributes with leading underscores lead to Python's functions, " +
    "and runtimes that render templates without a sandbox (llama-cpp-python before 0.2.72, SGLang's rerank endpoint) " +
    "then run them. Templates of real models never need such names; names put together from pieces, or looked up through " +
    "filters, are followed as well.",
  *see({ structure }) {
    yield* concernObservations(structure, "reaches");
  },
});
