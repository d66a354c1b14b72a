import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/pickle-names",
  asks: "pickle",
  title: "This pickle refers to something dangerous or unknown without calling it",
  severity: "medium",
  refs: ["cwe:502"],
  fix: "Find out why a model needs it. Whoever uses the loaded object may call it.",
  details:
    "Naming a function imports its module, which runs that module's code, and hands the function to whoever uses the object. Functions that run commands or open files have no place in a model.",
  *see({ structure }) {
    const seen = new Set<string>();
    for (const stream of structure.streams) {
      for (const found of stream.globals) {
        const name = `${found.module}.${found.name}`;
        if (found.severity === "none" || found.called > 0 || seen.has(name)) continue;
        seen.add(name);
        const why = `The pickle ${found.reason}.`;
        yield finding({ at: { offset: found.offset }, why, evidence: name, key: name, severity: found.severity });
      }
    }
  },
});
