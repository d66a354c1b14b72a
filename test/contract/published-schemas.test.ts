import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/kit/canonical-json.ts";
import { checkSchema } from "../../src/formats/schema/check.ts";
import { publishedSchemas } from "../../tools/gen/policy-schema.mjs";
import { configSchema } from "../../src/app/config/schema.ts";
import { policySchema } from "../../src/gate/policy-schema.ts";
import { statementSchemas } from "../../src/gate/statement-schemas/all.ts";

const root = new URL("../../", import.meta.url);

describe("published schemas", () => {
  test.each(Object.entries(publishedSchemas()))(
    '%s is what the program checks with (else run "npm run gen")',
    (path, text) => {
      expect(JSON.parse(readFileSync(new URL(path, root), "utf8"))).toEqual(JSON.parse(text));
    },
  );

  test("are JSON Schemas that an independent validator compiles strictly", () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false });
    for (const schema of [policySchema, configSchema, ...Object.values(statementSchemas)])
      expect(ajv.compile(schema)).toBeTypeOf("function");
  });

  test("admit exactly what our own checker admits, for policies as shipped and for damaged ones", () => {
    const validate = new Ajv2020({ strict: false }).compile(policySchema);
    const shipped = ["starter", "demo", "strict"].map(
      (name) => parse(readFileSync(new URL(`policies/${name}.yaml`, root), "utf8")) as Json,
    );
    for (const policy of shipped) expect([validate(policy), checkSchema(policySchema, policy)]).toEqual([true, []]);
    const damage = fc.tuple(
      fc.constantFrom(...shipped),
      fc.nat(200),
      fc.oneof(fc.jsonValue(), fc.constantFrom("", "prod", [], {})),
    );
    fc.assert(
      fc.property(damage, ([policy, at, value]) => {
        const damaged = replaceAt(policy, at, value);
        expect(validate(damaged)).toBe(checkSchema(policySchema, damaged).length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

/** A copy of `value` in which the `at`-th place (depth first) holds `other`. */
function replaceAt(value: Json, at: number, other: Json): Json {
  let count = 0;
  const visit = (here: Json): Json => {
    if (count++ === at) return other;
    if (Array.isArray(here)) return here.map((item: Json) => visit(item));
    if (typeof here !== "object" || here === null) return here;
    return Object.fromEntries(Object.entries(here).map(([key, member]) => [key, visit(member as Json)]));
  };
  return visit(value);
}
