import { check } from "../../../scan/check.ts";
import { operatorObservations } from "../../model/operator-observation.ts";

export default check({
  id: "supply/model/onnx-operators",
  asks: "onnx",
  title: "This ONNX model uses operators that need code from elsewhere",
  severity: "medium",
  refs: ["cwe:829", "cwe:94", "https://onnxruntime.ai/docs/reference/operators/add-custom-op.html"],
  fix: "Find out which library is to be registered for these operators and whether you trust it; better, export the model without them.",
  details:
    "An ONNX file cannot bring code along, but it can ask for operators that only a custom library provides, that call Python or " +
    "ATen functions by name, that send data to a host, or that load a compiled accelerator program.",
  *see({ structure }) {
    yield* operatorObservations(structure.operators);
  },
});
