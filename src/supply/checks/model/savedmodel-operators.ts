import { check } from "../../../scan/check.ts";
import { operatorObservations } from "../../model/operator-observation.ts";

export default check({
  id: "supply/model/savedmodel-operators",
  asks: "tensorflow",
  title: "This TensorFlow model does more than compute",
  severity: "high",
  refs: ["cwe:73", "cwe:94", "cwe:22", "https://github.com/tensorflow/tensorflow/blob/master/SECURITY.md"],
  fix: "Do not load or serve it outside a sandbox. Export the model again without these operators.",
  details:
    "TensorFlow graphs are programs: operators can read and write files, open databases, talk to other machines and call Python " +
    "functions of the process, as soon as the model is loaded or asked for a prediction. Every function of the model is examined, used " +
    "or not. Saving and restoring is ordinary only in the model's own saver.",
  *see({ structure }) {
    yield* operatorObservations(structure.operators);
  },
});
