import { sliceSource } from "../../core/byte-source.ts";
import type { TfliteFile } from "../../formats/tflite/parse.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    tflite: TfliteFile;
  }
}

/** TensorFlow Lite models; what is appended to one is handed on as a member. */
export default reader({
  kind: "tflite",
  title: "TensorFlow Lite model",
  family: "model",
  extensions: [".tflite", ".lite", ".task"],
  recognise: ({ head }) => (Buffer.from(head.subarray(4, 8)).toString("latin1") === "TFL3" ? "certain" : "no"),
  load: () => import("../../formats/tflite/parse.ts"),
  read({ source }, budget, { parseTflite }) {
    const structure = parseTflite(source, budget);
    return { structure, incomplete: structure.gaps };
  },
  *members({ tail }, { source }) {
    if (tail) yield { name: "appended", content: sliceSource(source, tail.offset, tail.offset + tail.length) };
  },
});
