import { refiner } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    skops: { readonly schemas: number };
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
  read: ({ base }) => ({
    structure: { schemas: base.members.filter(({ name }) => name === "schema.json").length },
    incomplete: [],
  }),
});
