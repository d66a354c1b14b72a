import { predicateTypeOf } from "../../core/statement.ts";
import type { JsonSchema } from "../../formats/schema/json-schema.ts";
import { promotionSchema, rollbackSchema } from "./alias-change.ts";
import { dataOriginSchema } from "./data-origin.ts";
import { erasureSchema, revocationSchema } from "./ending.ts";
import { gateVerdictSchema } from "./gate-verdict.ts";
import { killSwitchSchema } from "./kill-switch.ts";
import { modelScanSchema } from "./model-scan.ts";
import { registrationSchema } from "./registration.ts";

/** The schemas of our own predicates, by short name. Published as docs/statements/<name>.schema.json. */
export const statementSchemas = {
  registration: registrationSchema,
  "data-origin": dataOriginSchema,
  "gate-verdict": gateVerdictSchema,
  promotion: promotionSchema,
  rollback: rollbackSchema,
  revocation: revocationSchema,
  erasure: erasureSchema,
  "kill-switch": killSwitchSchema,
  "model-scan": modelScanSchema,
} as const satisfies { readonly [name: string]: JsonSchema };

/** The schema of a predicate, by short name or predicate type; undefined when we publish none. */
export function statementSchema(nameOrType: string): JsonSchema | undefined {
  for (const [name, schema] of Object.entries(statementSchemas)) {
    if (nameOrType === name || nameOrType === predicateTypeOf(name)) return schema;
  }
  return undefined;
}
