// The JSON Schemas we publish, written from the constants the program itself checks with.
import { configSchema } from "../../src/app/config/schema.ts";
import { policySchema } from "../../src/gate/policy-schema.ts";
import { statementSchemas } from "../../src/gate/statement-schemas/all.ts";

/**
 * The text of every published schema, by its path in the repository.
 * @returns {Record<string, string>}
 */
export function publishedSchemas() {
  const files = { "policies/policy.schema.json": policySchema, "docs/castellan.schema.json": configSchema };
  for (const [name, schema] of Object.entries(statementSchemas)) {
    files[`docs/statements/${name}.schema.json`] = schema;
  }
  return Object.fromEntries(
    Object.entries(files).map(([path, schema]) => [path, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}
