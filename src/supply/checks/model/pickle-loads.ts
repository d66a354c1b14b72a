import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { callObservation, callsOf } from "../../model/pickle-calls.ts";

export default check({
  id: "supply/model/pickle-loads",
  asks: "pickle",
  title: "This pickle loads further data that cannot be examined",
  severity: "high",
  refs: ["cwe:502", "atlas:AML.T0011.000"],
  fix: "Do not load it. Ask for a file in which everything lies open, best as safetensors or ONNX.",
  details:
    "Loading one pickle from another hides what is loaded from tools. Bytes that are written out in the pickle are examined with it; what is reported here comes from elsewhere.",
  *see({ structure }) {
    for (const call of callsOf(structure)) {
      if (call.effect === "nested-load" && call.severity !== "none") yield finding(callObservation(call));
    }
  },
});
