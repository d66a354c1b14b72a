import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { callObservation, callsOf } from "../../model/pickle-calls.ts";

export default check({
  id: "supply/model/pickle-files",
  asks: "pickle",
  title: "Loading this pickle reads or writes files, or talks to the network",
  severity: "high",
  refs: ["cwe:502", "cwe:73", "cwe:918", "atlas:AML.T0011.000"],
  fix: "Do not load it. Obtain the weights as safetensors or ONNX, or load them in a sandbox without files and network.",
  details:
    "No model needs to open files or connections in order to be restored from a pickle. Functions that do so leak data, plant files or fetch the next stage of an attack.",
  *see({ structure }) {
    for (const call of callsOf(structure)) {
      if (call.effect === "input-output") yield finding(callObservation(call));
    }
  },
});
