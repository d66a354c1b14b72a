import { draft } from "../formats/schema/json-schema.ts";
import type { Infer, JsonSchema } from "../formats/schema/json-schema.ts";
import { readConfig } from "../formats/yaml/read.ts";
import { isDay } from "./day.ts";

const text = { type: "string", minLength: 1, maxLength: 1000 } as const;

/** The suppressions file, castellan.suppressions.yaml. */
export const suppressionSchema = {
  $schema: draft,
  $id: "urn:castellan:suppressions:v1",
  title: "Castellan suppressions",
  description: "Findings that somebody has looked at and accepts, each until a date.",
  type: "object",
  additionalProperties: false,
  required: ["version", "suppressions"],
  properties: {
    version: { const: 1, description: "Version of this file's format: 1." },
    suppressions: {
      type: "array",
      maxItems: 10_000,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["rule", "path", "reason", "expires"],
        properties: {
          rule: { ...text, description: 'A check id, or the start of several ending in "/": supply/model/.' },
          path: {
            ...text,
            description: 'Shell pattern for the finding\'s path, from this file\'s folder: "models/old/*.pkl", "**".',
          },
          fingerprint: { ...text, description: "Only the finding with this fingerprint." },
          reason: { ...text, description: "Why this is acceptable." },
          expires: { ...text, description: "Last day it holds, YYYY-MM-DD. After it the finding comes back." },
        },
      },
    },
  },
} as const satisfies JsonSchema;

/** One entry, and where it stands. */
export interface SuppressionRule {
  readonly rule: string;
  readonly path: string;
  readonly fingerprint?: string;
  readonly reason: string;
  readonly expires: string;
  /** "castellan.suppressions.yaml:4". */
  readonly where: string;
}

/**
 * Reads a suppressions file.
 * @param where its name, for messages
 * @throws CONFIG naming line and column; LIMIT when it is too large
 */
export function parseSuppressions(content: string, where: string): readonly SuppressionRule[] {
  const limits = { length: 2 * 1024 * 1024, tokens: 500_000, depth: 8 };
  const file = readConfig(suppressionSchema, content, where, limits);
  const entries: Infer<typeof suppressionSchema>["suppressions"] = file.value.suppressions;
  for (const [index, entry] of entries.entries()) {
    const path = ["suppressions", index] as const;
    if (!isDay(entry.expires)) {
      file.complain([...path, "expires"], "is no date", "Write the last day it holds as YYYY-MM-DD.");
    }
    if (entry.reason.trim() === "") file.complain([...path, "reason"], "says nothing");
  }
  file.settle();
  return entries.map((entry, index) => ({ ...entry, where: file.at(["suppressions", index]).replace(/:\d+$/, "") }));
}
