import { assetKinds } from "../../core/asset.ts";
import { draft } from "../../formats/schema/json-schema.ts";
import type { JsonSchema } from "../../formats/schema/json-schema.ts";
import { count, day, digest, moment, name, text } from "./parts.ts";

/** A version exists, with these files, inputs and terms. */
export const registrationSchema = {
  $schema: draft,
  $id: "urn:castellan:registration:v1",
  title: "Registration",
  description: "A version exists, with these files, made from these inputs, under these terms.",
  type: "object",
  additionalProperties: false,
  required: ["tenant", "kind", "name", "version", "topic", "files", "inputs", "facts", "registeredAt"],
  properties: {
    tenant: name,
    kind: { type: "string", enum: assetKinds },
    name,
    version: digest,
    topic: {
      type: "string",
      pattern: "^[0-9a-f]{32}$",
      description: "16 random bytes in hexadecimal: under which topic the log speaks about this version.",
    },
    files: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["path", "size", "digest"],
        properties: { path: text, size: count, digest },
      },
    },
    inputs: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["digest", "role"],
        properties: { digest, role: text },
      },
    },
    licence: text,
    origin: text,
    consentBasis: text,
    region: text,
    retainUntil: day,
    facts: { type: "object", description: "Free facts: parameters, feature encoding, import source." },
    registeredAt: moment,
    flaggedBy: { ...digest, description: "A revoked or erased ancestor it had already when it was registered." },
  },
} as const satisfies JsonSchema;
