import { describe, expect, test } from "vitest";
import type { Verdict } from "../core/verdict.ts";
import { digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { admit } from "./admission.ts";
import { isAdmitted } from "./serving-table.ts";

const digest = digestOfHex("a".repeat(64));
const candidate = { tenant: "default", name: "credit", alias: "prod", digest };
const clock = { now: () => Date.UTC(2026, 0, 1) };
const pass: Verdict = {
  outcome: "pass",
  tenant: "default",
  name: "credit",
  alias: "prod",
  version: digest,
  policy: { name: "starter", digest },
  evaluatedAt: "2026-01-01T00:00:00.000Z",
  requirements: [],
};
const ask = (answer: () => Promise<Verdict>) => admit({ admit: answer }, clock, candidate, 50);
const verdict = (change: Partial<Verdict>) => ask(async () => ({ ...pass, ...change }));

describe("admission", () => {
  test("takes a clear pass, and keeps a digest of the verdict as proof", async () => {
    const answer = await verdict({ validUntil: "2026-01-02T00:00:00.000Z" });
    expect(answer).toEqual({ digest, proof: expect.stringMatching(/^sha256:/), validUntil: Date.UTC(2026, 0, 2) });
    expect(await verdict({})).not.toEqual(answer);
  });

  test("passes on which requirements are missing", async () => {
    const requirements = [
      { id: "signed", title: "Signed", outcome: "pass" as const, reason: "yes", evidence: [] },
      { id: "origin", title: "Origin", outcome: "undecided" as const, reason: "no statement", evidence: [] },
    ];
    const answer = await verdict({ outcome: "undecided", requirements });
    expect(answer).toMatchObject({ outcome: "undecided", missing: [{ id: "origin", reason: "no statement" }] });
  });

  test.each([
    ["undecided", { outcome: "undecided" as const }],
    ["a verdict about another version", { version: digestOfHex("b".repeat(64)) }],
    ["a verdict about another alias", { alias: "staging" }],
    ["a verdict about another model", { name: "other" }],
    ["a verdict about another tenant", { tenant: "other" }],
    ["a verdict past its time", { validUntil: "2025-12-31T00:00:00.000Z" }],
    ["a verdict whose end is no date", { validUntil: "soon" }],
  ])("%s is not a pass", async (_what, change) => {
    expect(isAdmitted(await verdict(change))).toBe(false);
  });

  test("a gate that throws, or does not answer in time, admits nothing", async () => {
    expect(await ask(() => Promise.reject(new Error("/secret/path")))).toMatchObject({
      outcome: "undecided",
      missing: [{ id: "gate", reason: "The gate could not answer" }],
    });
    expect(await ask(async () => fail("INTEGRITY", "The log was cut"))).toMatchObject({
      missing: [{ reason: "The log was cut" }],
    });
    expect(isAdmitted(await ask(() => new Promise(() => {})))).toBe(false);
  });

  test("a name no registered model can have never reaches the gate", async () => {
    const answer = await admit({ admit: async () => pass }, clock, { ...candidate, name: "../x" }, 50);
    expect(isAdmitted(answer)).toBe(false);
  });
});
