import type { XStatic } from "typebox/schema";
import type { Json } from "../../kit/canonical-json.ts";

/**
 * The part of JSON Schema (draft 2020-12) our own schemas are written in. Schemas are plain constants (`as const`), so that
 * reading a configuration file loads no schema library; TypeBox gives their TypeScript types at compile time only.
 */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  /** For people: shown by editors, and as the hint of an error about this value. */
  readonly description?: string;
  readonly type?: JsonType;
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  /** What members that `properties` does not name must be; `false` refuses them. Absent: anything. */
  readonly additionalProperties?: false | JsonSchema;
  readonly propertyNames?: { readonly pattern: string; readonly description: string };
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: true;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly JsonSchema[];
}

export type JsonType = "object" | "array" | "string" | "number" | "integer" | "boolean" | "null";

/** The TypeScript type of the values a constant schema admits. */
export type Infer<Schema> = XStatic<Schema>;

export const draft = "https://json-schema.org/draft/2020-12/schema";

/** The schema of what `pointer` tokens lead to inside values of `schema`; undefined when no such value is admitted. */
export function schemaAt(schema: JsonSchema, tokens: readonly string[]): JsonSchema | undefined {
  let here: JsonSchema = schema;
  for (const token of tokens) {
    if (here.anyOf || (here.type === undefined && !here.properties)) return {};
    const next = memberSchema(here, token);
    if (!next) return undefined;
    here = next;
  }
  return here;
}

function memberSchema(schema: JsonSchema, token: string): JsonSchema | undefined {
  if (schema.type === "array") return /^(0|[1-9]\d*)$/.test(token) ? (schema.items ?? {}) : undefined;
  if (schema.type !== "object") return undefined;
  if (schema.properties && Object.hasOwn(schema.properties, token)) return schema.properties[token];
  if (schema.additionalProperties === false) return undefined;
  return schema.additionalProperties ?? {};
}
