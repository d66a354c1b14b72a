import { draft } from "../../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";
import { digest, digests, moment, name, outcome, text } from "./parts.ts";

/** May this version serve under this alias? Core's Verdict as a predicate. */
export const gateVerdictSchema = {
  $schema: draft,
  $id: "urn:castellan:gate-verdict:v1",
  title: "Gate verdict",
  description: "What the gate answered to: may this version serve under this alias? One reason per requirement.",
  type: "object",
  additionalProperties: false,
  required: ["outcome", "tenant", "name", "alias", "version", "policy", "evaluatedAt", "requirements"],
  properties: {
    outcome,
    tenant: name,
    name,
    alias: name,
    version: digest,
    policy: {
      type: "object",
      additionalProperties: false,
      required: ["name", "digest"],
      properties: { name, digest },
    },
    evaluatedAt: moment,
    validUntil: { ...moment, description: "The first moment at which age alone can change the outcome." },
    requirements: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["id", "title", "outcome", "reason", "evidence"],
        properties: { id: text, title: text, outcome, reason: text, evidence: digests },
      },
    },
  },
} as const satisfies JsonSchema;

export type GateVerdict = Infer<typeof gateVerdictSchema>;
