import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { callObservation, callsOf } from "../../model/pickle-calls.ts";

export default check({
  id: "supply/model/pickle-executes",
  asks: "pickle",
  title: "Loading this pickle runs code",
  severity: "critical",
  refs: ["cwe:502", "atlas:AML.T0011.000", "owasp-ml:ML06", "https://docs.python.org/3/library/pickle.html"],
  fix: "Do not load it. Obtain the weights as safetensors or ONNX, or load them in a sandbox with an allow-list.",
  details:
    "A pickle is a program: it names functions and calls them while it is loaded. What is listed here is called before anybody can look at the result, even when loading fails afterwards. cloudpickle and dill write code objects on purpose; they are as able to run code as an attacker.",
  *see({ structure }) {
    for (const call of callsOf(structure)) {
      if (call.effect === "execution" && call.severity !== "none") yield finding(callObservation(call, call.severity));
    }
  },
});
