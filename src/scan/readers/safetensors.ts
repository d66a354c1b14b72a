import type { SafetensorsFile } from "../../formats/safetensors/parse.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    safetensors: SafetensorsFile;
  }
}

/** safetensors has no magic: eight bytes of length, then a JSON object. */
export default reader({
  kind: "safetensors",
  title: "safetensors",
  family: "model",
  extensions: [".safetensors"],
  recognise({ head, source }) {
    if (head.length < 10) return "no";
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const fits = view.getBigUint64(0, true) <= BigInt(source.size - 8);
    const start = String.fromCharCode(...head.subarray(8, 40));
    if (/^\{[ \t\r\n]*(?:"|\})/.test(start)) return fits ? "certain" : "likely";
    // Foreign bytes before the object: only a length that fits the file makes that more than chance.
    return fits && view.getUint32(4, true) === 0 && /^[\xef\xbb\xbf \t\r\n]+\{[ \t\r\n]*"/.test(start)
      ? "likely"
      : "no";
  },
  load: () => import("../../formats/safetensors/parse.ts"),
  read({ source }, budget, { parseSafetensors }) {
    const structure = parseSafetensors(source, budget);
    return { structure, incomplete: structure.gaps };
  },
});
