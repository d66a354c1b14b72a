import type { OnnxModel } from "../../formats/onnx/parse.ts";
import { looksLikeOnnx, looksLikeTensor } from "../../formats/onnx/recognise.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    onnx: OnnxModel;
  }
}

/** ONNX models; protobuf has no signature, so the graph inside must have a graph's form. */
export default reader({
  kind: "onnx",
  title: "ONNX model",
  family: "model",
  extensions: [".onnx", ".pb", ".bin"],
  recognise({ source }) {
    const model = looksLikeOnnx(source);
    return model === 0 && looksLikeTensor(source) ? "likely" : (["no", "likely", "certain"] as const)[model];
  },
  load: () => import("../../formats/onnx/parse.ts"),
  read({ source }, budget, { parseOnnx }) {
    const structure = parseOnnx(source, budget);
    return { structure, incomplete: structure.gaps };
  },
});
