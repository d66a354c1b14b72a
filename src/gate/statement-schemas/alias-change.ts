import { draft } from "../../formats/schema/json-schema.ts";
import type { JsonSchema } from "../../formats/schema/json-schema.ts";
import { count, digest, moment, name } from "./parts.ts";

const shape = {
  type: "object",
  additionalProperties: false,
  required: ["tenant", "name", "alias", "to", "canaryWeight", "sequence", "verdict", "at"],
  properties: {
    tenant: name,
    name,
    alias: name,
    from: { ...digest, description: "The version the alias pointed to before; absent for the first." },
    to: { ...digest, description: "The version the alias points to from now on." },
    canary: { ...digest, description: "Gets canaryWeight percent of the requests." },
    canaryWeight: { type: "integer", minimum: 0, maximum: 100 },
    sequence: { ...count, description: "Counts up with every change of the alias." },
    verdict: { ...digest, description: "The gate-verdict statement that admitted the version." },
    at: moment,
  },
} as const;

/** An alias points to another version from now on. */
export const promotionSchema = {
  $schema: draft,
  $id: "urn:castellan:promotion:v1",
  title: "Promotion",
  description: "An alias points to this version from now on.",
  ...shape,
} as const satisfies JsonSchema;

/** An alias points to a version it pointed to before. */
export const rollbackSchema = {
  $schema: draft,
  $id: "urn:castellan:rollback:v1",
  title: "Rollback",
  description: "An alias points again to a version it pointed to before.",
  ...shape,
} as const satisfies JsonSchema;
