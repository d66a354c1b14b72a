import { fail } from "../../kit/errors.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "tensorflow-text": never;
  }
}

/** How the text form of a SavedModel, a meta graph or a graph begins. */
const beginning =
  /^\s*(?:#[^\n]*\n\s*)*(?:saved_model_schema_version\s*:|meta_graphs\s*[:{]|meta_info_def\s*[:{]|graph_def\s*[:{]|(?:node|library)\s*:?\s*\{\s*(?:name|op|function)\b)/;

/** Graphs of TensorFlow in protobuf's text form, which TensorFlow loads as well. Recognised so that they are never passed over. */
export default reader({
  kind: "tensorflow-text",
  title: "TensorFlow model as text",
  family: "model",
  extensions: [],
  recognise: ({ head }) => (beginning.test(Buffer.from(head).toString("latin1")) ? "likely" : "no"),
  read: () =>
    fail("UNSUPPORTED", {
      message: "TensorFlow models in protobuf's text form are not examined",
      next: "Convert it to the binary form (saved_model.pb) and scan that.",
    }),
});
