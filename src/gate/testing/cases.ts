import { describe, expect, test } from "vitest";
import type { Outcome } from "../../core/verdict.ts";
import { evaluateGate } from "../evaluate.ts";
import type { GateInput } from "../input.ts";
import { input } from "./world.ts";

/** What is asked of the model (a requirement with id `it`), what is on record, and what that must come to, for which reason. */
export type Case = readonly [
  name: string,
  require: string,
  change: Partial<GateInput>,
  outcome: Outcome,
  reason: RegExp,
];

/** Declares one test per case. */
export function decides(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    test.each(cases)("%s", (_name, require, change, outcome, reason) => {
      const verdict = evaluateGate(input(require, change));
      const it = verdict.requirements.find(({ id }) => id === "it");
      expect(it).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
      expect(verdict.outcome === "pass").toBe(verdict.requirements.every((result) => result.outcome === "pass"));
    });
  });
}
