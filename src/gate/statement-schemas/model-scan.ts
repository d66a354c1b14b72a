import { severities } from "../../core/finding.ts";
import { draft } from "../../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../../formats/schema/json-schema.ts";
import { count, moment, text } from "./parts.ts";

const counts = { critical: count, high: count, medium: count, low: count, info: count };
const places = {
  type: "array",
  maxItems: 500,
  items: {
    type: "object",
    additionalProperties: false,
    required: ["path", "why"],
    properties: { path: text, why: text },
  },
} as const;

/** What a scan of all files of a version found. */
export const modelScanSchema = {
  $schema: draft,
  $id: "urn:castellan:model-scan:v1",
  title: "Model scan",
  description:
    "All files of a version were examined without running them. The summary counts everything; the lists hold the first 500 entries each.",
  type: "object",
  additionalProperties: false,
  required: ["tool", "version", "startedAt", "verdict", "summary", "findings", "incomplete", "skipped"],
  properties: {
    tool: text,
    version: text,
    startedAt: moment,
    verdict: {
      type: "string",
      enum: ["safe", "unsafe", "incomplete"],
      description: "unsafe: a finding of severity high or worse; incomplete: not everything could be examined.",
    },
    summary: {
      type: "object",
      additionalProperties: false,
      required: ["critical", "high", "medium", "low", "info", "incomplete", "skipped", "files", "models"],
      properties: { ...counts, incomplete: count, skipped: count, files: count, models: count },
    },
    findings: {
      type: "array",
      maxItems: 500,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["id", "severity", "title", "path", "why", "fingerprint"],
        properties: {
          id: text,
          severity: { type: "string", enum: severities },
          title: text,
          path: text,
          offset: { ...count, description: "Bytes from the start of the file or member." },
          why: text,
          fingerprint: text,
        },
      },
    },
    incomplete: places,
    skipped: places,
  },
} as const satisfies JsonSchema;

export type ModelScan = Infer<typeof modelScanSchema>;
