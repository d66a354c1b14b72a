import { draft } from "../../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";
import { day, text } from "./parts.ts";

/** Where data came from, who collected it, and what allows its use. */
export const dataOriginSchema = {
  $schema: draft,
  $id: "urn:castellan:data-origin:v1",
  title: "Data origin",
  description: "Where data came from, who collected it, and what allows its use.",
  type: "object",
  additionalProperties: false,
  required: ["source", "licence", "collector", "consentBasis"],
  properties: {
    source: { ...text, description: "Where the data was taken from, best as a URL. Policies list allowed sources." },
    licence: { ...text, description: "SPDX identifier of its licence." },
    collector: { ...text, description: "Who collected it." },
    consentBasis: {
      ...text,
      description: "What allows its use: consent, contract, public domain, published licence …",
    },
    collectedAt: day,
    region: { ...text, description: "Where it may be kept and used, such as eu." },
    purpose: { ...text, description: "What it was collected for." },
  },
} as const satisfies JsonSchema;

export type DataOrigin = Infer<typeof dataOriginSchema>;
