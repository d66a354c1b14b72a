import { expect, test } from "vitest";
import { shortNameOf } from "../../src/core/statement.ts";
import { statementSchemas } from "../../src/gate/statement-schemas/all.ts";
import { validatePredicate } from "../../src/gate/statement-schemas/validate.ts";
import { all, dataset, model, promoted, testHome } from "../../src/registry/testing/home.ts";
import { parseEnvelope, payloadOf } from "../../src/seal/dsse.ts";
import { parseStatement } from "../../src/seal/in-toto.ts";

test("every statement the registry writes has the form published for its type", async () => {
  const home = await testHome();
  try {
    const { registry } = home;
    const terms = { licence: "MIT", origin: "x", consentBasis: "y", region: "eu", retainUntil: "2030-01-01" };
    const data = await dataset(registry, "data", "a,b", { terms });
    const inputs = [{ digest: data.digest, role: "training-data" }];
    const first = await model(registry, "credit", "one", { inputs });
    const second = await model(registry, "credit", "two", { inputs, facts: { epochs: 3, nested: [null, { a: 1 }] } });
    await promoted(registry, first);
    await promoted(registry, second, "prod", 5);
    await promoted(registry, second);
    await registry.rollback({ tenant: "default", name: "credit", alias: "prod" });
    await registry.setKill({ scope: "model", target: "default/credit", killed: true, why: "drill" });
    await registry.revoke({ tenant: "default", version: second.digest, why: "stolen" });
    await registry.erase({ tenant: "default", version: data.digest, why: "asked for" });

    const seen = new Set<string>();
    for (const row of await all(home.repository.statements())) {
      const { predicateType, predicate } = parseStatement(payloadOf(parseEnvelope(row.envelope)));
      validatePredicate(predicateType, predicate);
      seen.add(shortNameOf(predicateType));
    }
    const written = Object.keys(statementSchemas).filter((name) => name !== "data-origin" && name !== "model-scan");
    expect([...seen]).toEqual(expect.arrayContaining(written));
  } finally {
    await home.close();
  }
});
