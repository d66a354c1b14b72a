import type { JsonDocument } from "../../formats/model-config/json-tree.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    json: JsonDocument;
  }
}

/** Keys whose settings reach code: such a file is read as JSON, whatever else it may be. */
const telling =
  /"(?:class_name|auto_map|_target_|trust_remote_code|custom_pipelines|custom_objects|__class__|_class_name)"/;

/** JSON, in any encoding Python takes it in. What the settings mean is read by those that refine this. */
export default reader({
  kind: "json",
  title: "JSON",
  family: "other",
  extensions: [".json"],
  recognise({ head }) {
    // With the zero bytes of wider encodings left out, an object or a list begins.
    const start = Buffer.from(head.subarray(0, 512).filter((byte) => byte !== 0)).toString("latin1");
    const begins =
      /^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[ \t\r\n]*(?:\{[ \t\r\n]*(?:"|\}|$)|\[[ \t\r\n]*(?:[[{"\]\-0-9]|true|false|null|$))/;
    if (begins.test(start))
      return telling.test(Buffer.from(head.filter((byte) => byte !== 0)).toString("latin1")) ? "likely" : "possible";
    return /^(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[ \t\r\n]{100,}$/.test(start) ? "possible" : "no";
  },
  load: () => import("../../formats/model-config/json-tree.ts"),
  read: ({ source }, budget, { parseJson }) => ({ structure: parseJson(source, budget), incomplete: [] }),
});
