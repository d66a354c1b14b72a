import { describe, expect, test } from "vitest";
import type { Outcome } from "../core/verdict.ts";
import type { VersionRow } from "../store/repository.ts";
import { evaluateGate } from "./evaluate.ts";
import type { GateInput } from "./input.ts";
import {
  dataset,
  day,
  digestOf,
  input,
  model,
  modelSignature,
  now,
  originOf,
  statement,
  trainingRun,
} from "./testing/world.ts";

const signed = "- { id: it, statement: model-signature, signedBy: [operator] }";
const trained = "- { id: it, statement: training-run, matchesInputs: true, signedBy: [trainer] }";
const dataOrigin = "- { id: it, statement: data-origin, of: datasets, signedBy: [data-team] }";
const measured = (predicate: object, options = {}) =>
  statement("evaluation", model, predicate as never, { by: ["lab"], ...options });

const good: Partial<GateInput> = { modelSignatures: [modelSignature(model)] };
const ended = (type: string, row: VersionRow) => statement(type, row, { version: row.digest });

type BuiltInCase = readonly [name: string, id: string, change: Partial<GateInput>, outcome: Outcome, reason: RegExp];
const always: readonly BuiltInCase[] = [
  ["a dataset does not serve", "servable", { version: dataset, ancestors: [] }, "fail", /only models serve/],
  ["a model does", "servable", {}, "pass", /model/],
  ["revoked in the store", "not-revoked", { version: { ...model, state: "revoked" } }, "fail", /was revoked/],
  [
    "revoked by statement, whatever the row says",
    "not-revoked",
    { statements: [ended("revocation", model)] },
    "fail",
    /was revoked/,
  ],
  [
    "a revocation of another version that lists this one as a subject",
    "not-revoked",
    { statements: [statement("revocation", model, { version: dataset.digest })] },
    "pass",
    /not revoked/,
  ],
  [
    "an unsigned revocation is nobody's word",
    "not-revoked",
    { statements: [statement("revocation", model, { version: model.digest }, { by: [] })] },
    "pass",
    /not revoked/,
  ],
  ["erased", "not-erased", { version: { ...model, state: "erased" } }, "fail", /was erased/],
  ["erased by statement", "not-erased", { statements: [ended("erasure", model)] }, "fail", /was erased/],
  [
    "a revoked dataset",
    "ancestors-live",
    { ancestors: [{ ...dataset, state: "revoked" }] },
    "fail",
    /dataset credit-data .* was revoked/,
  ],
  [
    "an erased dataset, by statement",
    "ancestors-live",
    { statements: [ended("erasure", dataset)] },
    "fail",
    /was erased/,
  ],
  [
    "flagged because of an ancestor",
    "ancestors-live",
    { version: { ...model, flaggedBy: digestOf("gone") } },
    "fail",
    /was made from, was revoked or erased/,
  ],
  [
    "an ancestor is flagged",
    "ancestors-live",
    { ancestors: [{ ...dataset, flaggedBy: digestOf("gone") }] },
    "fail",
    /dataset credit-data .* was made from/,
  ],
  ["all live", "ancestors-live", {}, "pass", /none/],
  [
    "retention of the model has passed",
    "retention",
    { version: { ...model, retainUntil: "2026-11-21" } },
    "fail",
    /gone after 2026-11-21/,
  ],
  [
    "retention of the data has passed",
    "retention",
    { ancestors: [{ ...dataset, retainUntil: "2026-11-22T11:59:59Z" }] },
    "fail",
    /credit-data/,
  ],
  [
    "the last day of retention",
    "retention",
    { version: { ...model, retainUntil: "2026-11-22" } },
    "pass",
    /2026-11-23T00:00:00\.000Z/,
  ],
  [
    "a retention date that is none",
    "retention",
    { version: { ...model, retainUntil: "soon" } },
    "undecided",
    /not a date/,
  ],
  ["an unregistered input", "inputs-known", { ancestors: [] }, "undecided", /not registered here: sha256:/],
  [
    "an unresolved input",
    "inputs-known",
    { unresolvedInputs: [digestOf("a"), digestOf("b"), digestOf("c"), digestOf("d")] },
    "undecided",
    /and 1 more/,
  ],
];

describe("always required", () => {
  test.each(always)("%s", (_, id, change, outcome, reason) => {
    const { requirements } = evaluateGate(input(signed, { ...good, ...change }));
    const found = requirements.find((result) => result.id === `built-in/${id}`);
    expect(found).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
  });
});

describe("terms of a whole alias", () => {
  const at = (terms: "licences" | "regions", change: Partial<GateInput>) => {
    const { policy } = input(signed);
    const rule = terms === "licences" ? { licences: ["MIT", "CC-BY-4.0"] } : { regions: ["eu"] };
    return evaluateGate(
      input(signed, { ...good, policy: { ...policy, aliases: { prod: { require: [], ...rule } } }, ...change }),
    );
  };

  test.each([
    ["licences", { ancestors: [{ ...dataset, licence: "MIT" }] }, "pass", /every licence is allowed/],
    [
      "licences",
      { ancestors: [{ ...dataset, licence: "GPL-3.0" }] },
      "fail",
      /has licence "GPL-3\.0"; allowed is MIT or CC-BY-4\.0/,
    ],
    ["licences", {}, "undecided", /dataset credit-data .* has no registered licence/],
    [
      "licences",
      { version: { ...model, licence: "Proprietary" }, ancestors: [{ ...dataset, licence: "MIT" }] },
      "fail",
      /model credit .*Proprietary/,
    ],
    ["regions", { ancestors: [{ ...dataset, region: "eu" }] }, "pass", /every region is allowed/],
    ["regions", { ancestors: [{ ...dataset, region: "us" }] }, "fail", /"us"/],
    ["regions", {}, "undecided", /no registered region/],
  ] as const)("%s %#", (terms, change, outcome, reason) => {
    const found = at(terms, change).requirements.find(({ id }) => id === `built-in/${terms}`);
    expect(found).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
  });
});

describe("the verdict as a whole", () => {
  const everything = [signed.replace("it", "s"), trained.replace("it", "t"), dataOrigin.replace("it", "d")].join("\n");
  const proofs = {
    modelSignatures: [modelSignature(model)],
    statements: [trainingRun(model), originOf(dataset)],
  };

  test("says who, what, when and by which policy", () => {
    const verdict = evaluateGate(input(everything, proofs));
    expect(verdict).toMatchObject({
      outcome: "pass",
      tenant: "default",
      name: "credit",
      alias: "prod",
      version: model.digest,
      policy: { name: "test", digest: digestOf("policy") },
      evaluatedAt: "2026-11-22T12:00:00.000Z",
    });
    expect(verdict.requirements.slice(-3).map(({ id, evidence }) => [id, evidence])).toEqual([
      ["s", [proofs.modelSignatures[0]!.statement.digest]],
      ["t", [proofs.statements[0]!.digest]],
      ["d", [proofs.statements[1]!.digest]],
    ]);
    expect("validUntil" in verdict).toBe(false);
  });

  test("a fail weighs more than something undecided", () => {
    const verdict = evaluateGate(input(everything, { ...proofs, statements: [originOf(dataset, {}, { by: [] })] }));
    expect(verdict.outcome).toBe("fail");
  });

  test("an alias the policy does not know is undecided, also when it is called like a built-in of the language", () => {
    for (const alias of ["canary", "constructor", "__proto__"]) {
      const verdict = evaluateGate(input(everything, { ...proofs, alias }));
      expect(verdict.outcome).toBe("undecided");
      expect(verdict.requirements.at(-1)?.reason).toBe(`policy test says nothing about alias ${alias}`);
    }
  });

  test("a policy that requires nothing proves nothing", () => {
    const { policy } = input(signed);
    const verdict = evaluateGate(
      input(signed, { ...proofs, policy: { ...policy, aliases: { prod: { require: [] } } } }),
    );
    expect(verdict.outcome).toBe("undecided");
    expect(verdict.requirements.at(-1)?.reason).toMatch(/requires nothing/);
  });

  test("validUntil is the first moment at which age or retention alone changes the answer", () => {
    const fresh = `- { id: a, statement: evaluation, maxAge: 30d }\n- { id: b, statement: model-scan, maxAge: 10d }`;
    const statements = [measured({}, { age: 1 }), statement("model-scan", model, {}, { age: 2 })];
    const verdict = evaluateGate(input(fresh, { statements }));
    expect([verdict.outcome, verdict.validUntil]).toEqual(["pass", new Date(now + 8 * day).toISOString()]);
    expect(evaluateGate(input(fresh, { statements, now: now + 8 * day - 1 })).outcome).toBe("pass");
    expect(evaluateGate(input(fresh, { statements, now: now + 8 * day })).outcome).toBe("undecided");

    const retained = { ...model, retainUntil: "2026-11-23" };
    const until = evaluateGate(input(fresh, { statements, version: retained }));
    expect(until.validUntil).toBe("2026-11-24T00:00:00.000Z");
    expect(evaluateGate(input(fresh, { version: retained })).validUntil).toBe("2026-11-24T00:00:00.000Z");
    expect(
      evaluateGate(input(fresh, { statements, version: { ...retained, state: "revoked" } })).validUntil,
    ).toBeUndefined();
  });
});
