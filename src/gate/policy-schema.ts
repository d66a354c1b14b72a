import { severities } from "../core/finding.ts";
import { draft } from "../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../formats/schema/json-schema.ts";

/** How a value found in a statement is compared with the one the policy names. */
export const operators = ["==", "!=", "<", "<=", ">", ">=", "in", "not-in", "exists"] as const;
export type Operator = (typeof operators)[number];

/** Which versions a requirement speaks about. */
export const scopes = ["self", "datasets", "models", "ancestors"] as const;
export type Scope = (typeof scopes)[number];

const name = {
  pattern: "^(?!.*\\.\\.)[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$",
  description:
    'Names are 1 to 64 lower-case letters, digits, ".", "_" or "-", starting and ending with a letter or digit.',
} as const;

const text = { type: "string", minLength: 1, maxLength: 1000 } as const;
const texts = { type: "array", items: text, minItems: 1, maxItems: 1000, uniqueItems: true } as const;

const signer = {
  type: "object",
  description: "Somebody whose signature counts: say by which keys or which certificate identities they are known.",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    keys: {
      ...texts,
      items: { type: "string", minLength: 1, maxLength: 20_000 },
      description: "Key ids (sha256:…), public keys as PEM text, or names of files in HOME/trust without .pem.",
    },
    identities: {
      ...texts,
      description: "Subject alternative names of certificates, compared exactly.",
    },
    note: { ...text, description: "For people: who this is." },
  },
} as const;

const requirement = {
  type: "object",
  description: "One thing that must be proven before a version may serve.",
  additionalProperties: false,
  required: ["statement"],
  properties: {
    id: { type: "string", ...name },
    title: { ...text, description: "The requirement in a sentence; written from its parts when absent." },
    why: { ...text, description: "For people: why this is required." },
    statement: {
      ...text,
      description:
        "Short name of a statement (model-signature, training-run, data-origin, evaluation …) or its predicate type URI.",
    },
    of: { type: "string", enum: scopes, description: "What the statement is about; self when absent." },
    signedBy: { ...texts, description: "Signers whose statements count; every signer of this file when absent." },
    maxAge: { ...text, description: 'How long ago it may have been recorded, such as "30d" or "12h".' },
    at: {
      type: "string",
      maxLength: 1000,
      description: "JSON Pointer to the field of the statement that is compared.",
    },
    op: { type: "string", enum: operators, description: 'Put operators in quotes: op: ">=".' },
    value: { description: "What the field is compared with; a list for in and not-in." },
    matchesInputs: {
      const: true,
      description:
        "training-run only: its dependencies are exactly the registered inputs and its subjects cover every file.",
    },
    sources: {
      ...texts,
      description: "data-origin only: allowed sources; one that ends in /* allows everything below.",
    },
    licences: { ...texts, description: "Allowed values of the statement's licence." },
    regions: { ...texts, description: "Allowed values of the statement's region." },
    findings: {
      type: "object",
      description: "model-scan and project-scan only: findings this bad or worse block.",
      additionalProperties: false,
      required: ["blockAt"],
      properties: { blockAt: { type: "string", enum: severities } },
    },
  },
} as const;

const alias = {
  type: "object",
  description: "What a version needs before it may serve under this alias.",
  additionalProperties: false,
  required: ["require"],
  properties: {
    require: { type: "array", items: requirement, maxItems: 200 },
    licences: {
      ...texts,
      description: "Licences allowed for everything a version was made from, and for itself if it names one.",
    },
    regions: {
      ...texts,
      description: "Regions allowed for everything a version was made from, and for itself if it names one.",
    },
  },
} as const;

/** The policy file. Published as policies/policy.schema.json. */
export const policySchema = {
  $schema: draft,
  $id: "urn:castellan:policy:v1",
  title: "Castellan policy",
  description: "Which statements a version needs, from whom, before it may serve under an alias.",
  type: "object",
  additionalProperties: false,
  required: ["version", "name", "aliases"],
  properties: {
    version: { const: 1, description: "Version of this file's format: 1." },
    name: { type: "string", ...name },
    description: text,
    signers: {
      type: "object",
      description: "Who is who, by name.",
      propertyNames: name,
      additionalProperties: signer,
      maxProperties: 1000,
    },
    aliases: {
      type: "object",
      description: "Requirements by alias, such as prod.",
      propertyNames: name,
      additionalProperties: alias,
      minProperties: 1,
      maxProperties: 1000,
    },
  },
} as const satisfies JsonSchema;

/** A policy as its file says it. */
export type PolicyFile = Infer<typeof policySchema>;
export type RequirementFile = Infer<typeof requirement>;
export type SignerRule = Infer<typeof signer>;
