import { refiner } from "../reader.ts";
import type {} from "./zip.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    skops: Record<never, never>;
  }
}

/** skops archives: schema.json and the arrays it refers to, each examined as what it is. */
export default refiner({
  kind: "skops",
  title: "skops archive",
  family: "model",
  extensions: [".skops"],
  refines: "zip",
  recognise: ({ base }) => (base.members.some(({ name }) => name === "schema.json") ? "likely" : "no"),
  read: () => ({ structure: {}, incomplete: [] }),
});
