import { draft } from "../../formats/schema/json-schema.ts";
import type { JsonSchema } from "../../formats/schema/json-schema.ts";
import { count, moment } from "./parts.ts";

/** Nothing of the target serves any more, or it may again. */
export const killSwitchSchema = {
  $schema: draft,
  $id: "urn:castellan:kill-switch:v1",
  title: "Kill switch",
  description: "Nothing of the target serves while killed is true. Epochs only grow.",
  type: "object",
  additionalProperties: false,
  required: ["epoch", "scope", "target", "killed", "why", "at"],
  properties: {
    epoch: count,
    scope: { type: "string", enum: ["all", "tenant", "model"] },
    target: { type: "string", maxLength: 200, description: "Empty for all, the tenant, or tenant/name." },
    killed: { type: "boolean" },
    why: { type: "string", maxLength: 4000 },
    at: moment,
  },
} as const satisfies JsonSchema;
