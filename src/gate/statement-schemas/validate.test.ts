import { describe, expect, expectTypeOf, test } from "vitest";
import type { Json } from "../../kit/canonical-json.ts";
import { canonicalJson } from "../../kit/canonical-json.ts";
import type { Verdict } from "../../core/verdict.ts";
import { evaluateGate } from "../evaluate.ts";
import { digestOf, input, model, modelSignature, origin } from "../testing/world.ts";
import { statementSchemas } from "./all.ts";
import type { GateVerdict } from "./gate-verdict.ts";
import { validatePredicate } from "./validate.ts";

const at = "2026-11-22T12:00:00.000Z";
const version = digestOf("v");

/** A complete, sound predicate of every type we publish a schema for. */
const sound: { readonly [name in keyof typeof statementSchemas]: Json } = {
  registration: {
    tenant: "default",
    kind: "model",
    name: "credit",
    version,
    topic: "0f".repeat(16),
    files: [{ path: "model.onnx", size: 12, digest: version }],
    inputs: [{ digest: digestOf("d"), role: "training-data" }],
    licence: "Apache-2.0",
    retainUntil: "2030-01-01",
    facts: { anything: [1, "two", null] },
    registeredAt: at,
  },
  "data-origin": { ...origin, collectedAt: "1994-11-17", purpose: "research" },
  "gate-verdict": JSON.parse(
    canonicalJson(
      evaluateGate(
        input("- { statement: model-signature, maxAge: 9d }", { modelSignatures: [modelSignature(model)] }),
      ) as unknown as Json,
    ),
  ) as Json,
  promotion: {
    tenant: "default",
    name: "credit",
    alias: "prod",
    to: version,
    canaryWeight: 0,
    sequence: 1,
    verdict: version,
    at,
  },
  rollback: {
    tenant: "default",
    name: "credit",
    alias: "prod",
    from: version,
    to: version,
    canary: version,
    canaryWeight: 5,
    sequence: 2,
    verdict: version,
    at,
  },
  revocation: { tenant: "default", name: "credit", version, why: "stolen", revokedAt: at, affected: [version] },
  erasure: {
    tenant: "default",
    name: "credit",
    version,
    why: "asked for",
    erasedAt: at,
    objects: [{ path: "a", ciphertextDigest: version }],
    affected: [],
    withdraws: [{ alias: "prod", sequence: 3 }],
    proves: ["keys destroyed"],
    doesNotProve: ["no copies elsewhere"],
  },
  "model-scan": {
    tool: "castellan",
    version: "0.1.0",
    startedAt: at,
    verdict: "unsafe",
    summary: { critical: 1, high: 0, medium: 0, low: 0, info: 0, incomplete: 1, skipped: 0, files: 1, models: 1 },
    findings: [
      {
        id: "supply/model/pickle-executes",
        severity: "critical",
        title: "Loading this pickle runs code",
        path: "model.pkl",
        offset: 12,
        why: "it calls os.system",
        fingerprint: "ab".repeat(16),
      },
    ],
    incomplete: [{ path: "model.pkl", why: "7 bytes are left over" }],
    skipped: [],
  },
  "kill-switch": { epoch: 1, scope: "model", target: "default/credit", killed: true, why: "incident", at },
};

describe("predicates of our statements", () => {
  test.each(Object.entries(sound))("a sound %s is accepted, by short name and by type", (name, predicate) => {
    validatePredicate(name, predicate);
    validatePredicate(`urn:castellan:${name}:v1`, predicate);
  });

  test.each(Object.entries(sound))("a %s with an unknown field is refused by JSON Pointer", (name, predicate) => {
    expect(() => validatePredicate(name, { ...(predicate as object), extra: 1 })).toThrow(
      expect.objectContaining({ code: "MALFORMED", where: "/extra", message: expect.stringContaining(name) as string }),
    );
  });

  test.each(Object.entries(statementSchemas))("a %s without one of its required fields is refused", (name, schema) => {
    for (const field of schema.required) {
      const { [field]: _, ...rest } = sound[name as keyof typeof sound] as { readonly [key: string]: Json };
      expect(() => validatePredicate(name, rest)).toThrow(expect.objectContaining({ where: `/${field}` }));
    }
  });

  test("says what is wrong where, and what is near", () => {
    expect(() => validatePredicate("data-origin", { ...origin, lisence: "MIT" })).toThrow(
      "the data-origin statement cannot be used: /lisence is not a known key",
    );
    expect(() => validatePredicate("kill-switch", { ...(sound["kill-switch"] as object), scope: "modal" })).toThrow(
      expect.objectContaining({ where: "/scope", next: 'Did you mean "model"?' }),
    );
    expect(() => validatePredicate("promotion", { ...(sound.promotion as object), at: "yesterday" })).toThrow("/at is");
    expect(() => validatePredicate("erasure", [])).toThrow("its predicate must be a mapping, but is a list");
  });

  test("of types that are not ours pass unchecked", () => {
    validatePredicate("https://slsa.dev/provenance/v1", { anything: true });
    validatePredicate("constructor", {});
  });

  test("a gate-verdict's schema and core's Verdict are one type", () => {
    expectTypeOf<Pick<GateVerdict, "outcome" | "alias" | "name">>().toMatchTypeOf<
      Pick<Verdict, "outcome" | "alias" | "name">
    >();
    expect(Object.keys(statementSchemas["gate-verdict"].properties).sort()).toEqual(
      Object.keys({ ...(sound["gate-verdict"] as object) }).sort(),
    );
  });
});
