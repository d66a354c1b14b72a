import { check } from "../../../scan/check.ts";
import { flawObservation } from "../../model/flaw-observation.ts";

export default check({
  id: "supply/model/savedmodel-lambda",
  asks: "tensorflow",
  title: "Loading this TensorFlow model with Keras runs Python code",
  severity: "critical",
  refs: ["cwe:502", "cwe:94", "cve:CVE-2024-3660", "atlas:AML.T0011.000"],
  fix: "Load the graph with tf.saved_model.load instead of Keras, or obtain a model without Lambda layers.",
  details:
    "Lambda layers are stored as Python bytecode beside the graph. Keras turns them back into functions and calls them while it rebuilds " +
    "the model.",
  *see({ structure }) {
    for (const flaw of structure.flaws) if (flaw.rule === "keras-lambda") yield flawObservation(flaw);
  },
});
