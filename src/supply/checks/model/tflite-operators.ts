import { check } from "../../../scan/check.ts";
import { operatorObservations } from "../../model/operator-observation.ts";

export default check({
  id: "supply/model/tflite-operators",
  asks: "tflite",
  title: "This TensorFlow Lite model needs operators from elsewhere, or does more than compute",
  severity: "medium",
  refs: ["cwe:829", "cwe:94", "https://ai.google.dev/edge/litert/models/ops_custom"],
  fix: "Find out which code provides these operators and whether you trust it; better, convert the model without them.",
  details:
    "Custom operators are run by code that the application registers. Operators whose names begin with Flex are run by TensorFlow, which " +
    "can read and write files; they are judged by the operator their options name, not by what the model calls them.",
  *see({ structure }) {
    yield* operatorObservations(structure.operators);
  },
});
