import { draft } from "../../formats/schema/json-schema.ts";
import type { JsonSchema } from "../../formats/schema/json-schema.ts";
import { count, digest, digests, moment, name, text } from "./parts.ts";

/** A version must not be used any more. */
export const revocationSchema = {
  $schema: draft,
  $id: "urn:castellan:revocation:v1",
  title: "Revocation",
  description: "This version must not be used any more, and neither must what was made from it.",
  type: "object",
  additionalProperties: false,
  required: ["tenant", "name", "version", "why", "revokedAt"],
  properties: {
    tenant: name,
    name,
    version: digest,
    why: text,
    revokedAt: moment,
    affected: { ...digests, description: "Every version derived from it, directly or not." },
  },
} as const satisfies JsonSchema;

/** The certificate of destruction of a version's bytes. */
export const erasureSchema = {
  $schema: draft,
  $id: "urn:castellan:erasure:v1",
  title: "Erasure",
  description: "Certificate of destruction: the keys of this version's stored bytes were destroyed.",
  type: "object",
  additionalProperties: false,
  required: ["tenant", "name", "version", "why", "erasedAt", "objects", "affected"],
  properties: {
    tenant: name,
    name,
    version: digest,
    why: text,
    erasedAt: moment,
    objects: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["path"],
        properties: { path: text, ciphertextDigest: digest },
      },
    },
    affected: { ...digests, description: "Every version derived from it, directly or not." },
    withdraws: {
      type: "array",
      description: "Aliases that lose the version.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["alias", "sequence"],
        properties: { alias: name, sequence: count, keeps: digest },
      },
    },
    proves: { type: "array", items: text },
    doesNotProve: { type: "array", items: text },
  },
} as const satisfies JsonSchema;
