import { fail } from "../../kit/errors.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "onnx-ort": never;
  }
}

/** onnxruntime's own form of ONNX models. It is recognised so that it is never passed over, but not read. */
export default reader({
  kind: "onnx-ort",
  title: "ONNX model in onnxruntime's format",
  family: "model",
  extensions: [".ort"],
  recognise: ({ head }) => (Buffer.from(head.subarray(4, 8)).toString("latin1") === "ORTM" ? "certain" : "no"),
  read: () =>
    fail("UNSUPPORTED", {
      message: "onnxruntime's .ort format is not examined",
      next: "Scan the .onnx file it was made from, and convert that one yourself.",
    }),
});
