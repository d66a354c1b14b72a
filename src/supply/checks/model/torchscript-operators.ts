import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/torchscript-operators",
  asks: "torchscript",
  title: "This TorchScript model calls operators that reach outside of the computation",
  severity: "high",
  refs: ["cwe:73", "cwe:829", "atlas:AML.T0011.000", "owasp-ml:ML06"],
  fix: "Do not run it. A model computes with tensors; ask why it writes files, maps them or needs further libraries.",
  details:
    "TorchScript cannot import, but its operators include aten::save and aten::from_file, which write and map files by name, calls to " +
    "other machines, and whatever libraries with custom operators bring along. They run when the model is called.",
  *see({ structure }) {
    for (const { member, concerns } of structure.sources) {
      for (const { why, severity, key, evidence } of concerns) {
        yield finding({ why, severity, key, evidence: `${member.slice(0, 200)}: ${evidence ?? key}` });
      }
    }
  },
});
