import { draft } from "../../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";

const text = { type: "string", minLength: 1, maxLength: 4000 } as const;

const httpUrl = {
  type: "string",
  pattern: "^https?://[^\\s/?#@]+(?:/[^\\s?#]*)?$",
  maxLength: 2000,
  description: "An http or https address, without user name, query or fragment.",
} as const;

/** castellan.yaml. Published as docs/castellan.schema.json. */
export const configSchema = {
  $schema: draft,
  $id: "urn:castellan:config:v1",
  title: "Castellan settings",
  description:
    "Settings of one Castellan installation. Everything is optional; CASTELLAN_* variables and command options win.",
  type: "object",
  additionalProperties: false,
  properties: {
    home: { ...text, description: "Folder that holds store, blobs, log and keys; relative to this file." },
    policy: { ...text, description: "Policy file the gate uses; relative to this file. HOME/policy.yaml when absent." },
    gateway: {
      type: "object",
      description: "Where the gateway listens.",
      additionalProperties: false,
      properties: {
        host: {
          type: "string",
          pattern: "^[A-Za-z0-9.:_-]{1,253}$",
          description: "Address or host name to listen on.",
        },
        port: { type: "integer", minimum: 0, maximum: 65_535, description: "Port; 0 takes a free one." },
      },
    },
    store: {
      type: "object",
      description: "Where metadata is kept: SQLite in the home folder unless a URL is given.",
      additionalProperties: false,
      properties: {
        url: {
          type: "string",
          pattern: "^postgres(?:ql)?://\\S+$",
          maxLength: 2000,
          description: "postgres://… Keep pass words out of this file: use CASTELLAN_STORE_URL or DATABASE_URL.",
        },
      },
    },
    blobs: {
      type: "object",
      description: "Where encrypted bytes are kept: in the home folder unless an object store is given.",
      additionalProperties: false,
      properties: {
        s3: {
          type: "object",
          description:
            "An S3-compatible object store. Its keys come from CASTELLAN_BLOBS_S3_ACCESS_KEY_ID and CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY.",
          additionalProperties: false,
          required: ["endpoint", "bucket"],
          properties: {
            endpoint: httpUrl,
            bucket: {
              type: "string",
              pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
              description: "Name of the bucket.",
            },
            region: { type: "string", pattern: "^[a-z0-9-]{1,40}$", description: "Region to sign requests for." },
          },
        },
      },
    },
    log: {
      type: "object",
      description: "The transparency log.",
      additionalProperties: false,
      properties: {
        origin: {
          type: "string",
          pattern: "^[^\\s+\\u0000-\\u001f]{1,200}$",
          description:
            "Name of the log, as it stands on its checkpoints: your-domain.example/log. Fixed once the home is made.",
        },
        witnesses: {
          type: "array",
          description: "Who is asked to cosign each checkpoint.",
          maxItems: 100,
          items: {
            type: "object",
            additionalProperties: false,
            required: ["url", "vkey"],
            properties: {
              url: httpUrl,
              vkey: { ...text, description: "The witness's public key, as it prints it when it starts." },
            },
          },
        },
        quorum: {
          type: "integer",
          minimum: 0,
          maximum: 100,
          description: "How many witnesses must have cosigned before a checkpoint counts; all of them when absent.",
        },
      },
    },
  },
} as const satisfies JsonSchema;

/** castellan.yaml as it stands in the file. */
export type ConfigFile = Infer<typeof configSchema>;
