import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";

export default check({
  id: "supply/model/keras-members",
  asks: "keras",
  title: "This Keras archive holds files that Keras does not put there",
  severity: "low",
  refs: ["cwe:1287", "https://keras.io/api/models/model_saving_apis/"],
  fix: "Ask what they are for. Nothing but configuration, metadata, weights and assets is needed.",
  details:
    "Keras ignores other members, but people and other tools may open them. They are examined like any other file.",
  *see({ structure }) {
    if (structure.others.length === 0) return;
    yield finding({
      why: `${structure.others.length} members are no part of a Keras model.`,
      evidence: structure.others
        .slice(0, 20)
        .map((name) => JSON.stringify(name.slice(0, 100)))
        .join(", "),
      key: "members",
    });
  },
});
