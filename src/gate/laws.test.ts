import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VerifiedStatement } from "../core/statement.ts";
import type { Outcome } from "../core/verdict.ts";
import { evaluateGate } from "./evaluate.ts";
import {
  dataset,
  day,
  digestOf,
  input,
  keys,
  model,
  now,
  originOf,
  statement,
  trainingRun,
  versionRow,
} from "./testing/world.ts";
import type { Options, Who } from "./testing/world.ts";

// What must hold whatever stands on record. A statement is *eligible* for a requirement about a version when it has the
// required type, is about that version, is signed by a signer the requirement names, and is on the log; the *counted* one is
// the eligible one with the highest log index.

const policy = `
- { id: run, statement: training-run, matchesInputs: true, signedBy: [trainer] }
- { id: origin, statement: data-origin, of: datasets, signedBy: [data-team], sources: ["https://example.org/data/*"] }
- { id: score, statement: evaluation, signedBy: [lab], at: /x, op: ">=", value: 0.5, maxAge: 30d }`;

const needs = [
  { type: "training-run", version: model, by: "trainer" },
  { type: "data-origin", version: dataset, by: "data-team" },
  { type: "evaluation", version: model, by: "lab" },
] as const;

const gate = input(policy);
const other = versionRow("model", "other", [dataset]);
const strangers = ["stranger", "operator", "scanner"] as const satisfies readonly Who[];

function outcomeOf(statements: readonly VerifiedStatement[], at = now): Outcome {
  return evaluateGate({ ...gate, statements, now: at }).outcome;
}

function isAbout(one: VerifiedStatement, type: string, version: { readonly digest: string }): boolean {
  const { predicateType, subject } = one.statement;
  const right = predicateType.endsWith(type === "training-run" ? "provenance/v1" : `:${type}:v1`);
  return right && subject.some(({ digest }) => `sha256:${digest["sha256"]}` === version.digest);
}

function countedIn(statements: readonly VerifiedStatement[]): readonly VerifiedStatement[] {
  return needs.flatMap(({ type, version, by }) => {
    const eligible = statements.filter(
      (one) => isAbout(one, type, version) && one.signedBy.includes(keys[by]) && one.logIndex !== undefined,
    );
    return eligible.toSorted((a, b) => b.logIndex! - a.logIndex!).slice(0, 1);
  });
}

/** One statement of any kind, mostly of the kinds the policy looks for; `logIndex` and digest are made unique by `place`. */
function build(kind: string, sound: boolean, options: Options, place: number): VerifiedStatement {
  const make = (): VerifiedStatement => {
    if (kind === "run") return trainingRun(model, sound ? undefined : [], options);
    if (kind === "origin") return originOf(dataset, sound ? {} : { source: "https://evil.example" }, options);
    if (kind === "score") return statement("evaluation", model, { x: sound ? 0.9 : 0.1 }, { by: ["lab"], ...options });
    if (kind === "elsewhere") return statement("evaluation", other, { x: 0.9 }, { by: ["lab"], ...options });
    return statement("model-scan", model, { summary: {} }, { by: ["lab"], ...options });
  };
  return { ...make(), digest: digestOf(`${place}`) };
}

const kinds = fc.constantFrom("run", "origin", "score", "elsewhere", "unasked");

function built(signer: fc.Arbitrary<Options>): fc.Arbitrary<(place: number) => VerifiedStatement> {
  return fc
    .record({ kind: kinds, sound: fc.boolean(), age: fc.integer({ min: 0, max: 60 }), logged: fc.boolean(), signer })
    .map(({ kind, sound, age, logged, signer }) => (place) => {
      return build(kind, sound, { age, logIndex: logged ? place : undefined, ...signer }, place);
    });
}

const anySigner: fc.Arbitrary<Options> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ by: [] }) },
  { weight: 1, arbitrary: fc.constantFrom(...strangers).map((who) => ({ by: [who] })) },
);

/** Sets of statements, about a third of which pass: the sound trio is often part of them. */
const record = fc.tuple(fc.boolean(), fc.array(built(anySigner), { maxLength: 6 })).map(([complete, builders]) => {
  const trio = ["run", "origin", "score"].map((kind, place) => build(kind, true, { age: 1, logIndex: place }, place));
  return [...(complete ? trio : []), ...builders.map((builder, index) => builder(index + 10))];
});

/** Statements that are eligible for nothing: unsigned, signed by nobody named, off the log, about something else, unasked. */
const ineligible = fc
  .oneof(
    built(fc.constant({ by: [] })),
    built(fc.constantFrom(...strangers).map((who) => ({ by: [who] }))),
    built(fc.constant({ logIndex: undefined })),
    fc.tuple(fc.constantFrom("elsewhere", "unasked"), fc.integer({ min: 0, max: 60 })).map(([kind, age]) => {
      return (place: number) => build(kind, true, { age, logIndex: place }, place);
    }),
  )
  .map((builder) => builder(1000));

describe("laws of the gate", () => {
  test("the sets the laws are tried on do pass, fail and stay undecided", () => {
    const outcomes = new Set(fc.sample(record, { numRuns: 200, seed: 7 }).map((statements) => outcomeOf(statements)));
    expect([...outcomes].sort()).toEqual(["fail", "pass", "undecided"]);
  });

  test("adding a statement that is eligible for nothing turns no other outcome into pass, and no pass into another", () => {
    fc.assert(
      fc.property(record, ineligible, fc.nat(), (statements, extra, at) => {
        const before = outcomeOf(statements);
        const after = outcomeOf(statements.toSpliced(at % (statements.length + 1), 0, extra));
        expect(after === "pass").toBe(before === "pass");
      }),
      { numRuns: 1000 },
    );
  });

  test("removing a statement turns another outcome into pass only when it was the counted one of some requirement", () => {
    fc.assert(
      fc.property(record, fc.nat(), (statements, pick) => {
        const removed = statements[pick % Math.max(1, statements.length)];
        if (!removed || outcomeOf(statements) === "pass") return;
        const after = outcomeOf(statements.filter((one) => one !== removed));
        if (after === "pass") expect(countedIn(statements)).toContain(removed);
      }),
      { numRuns: 1000 },
    );
  });

  test("removing everything but the counted statements changes nothing about a pass", () => {
    fc.assert(
      fc.property(record, (statements) => {
        expect(outcomeOf(countedIn(statements)) === "pass").toBe(outcomeOf(statements) === "pass");
      }),
      { numRuns: 500 },
    );
  });

  test("time alone never turns another outcome into pass, nor a fail into anything", () => {
    fc.assert(
      fc.property(record, fc.integer({ min: 0, max: 90 * day }), (statements, later) => {
        const [before, after] = [outcomeOf(statements), outcomeOf(statements, now + later)];
        if (before !== "pass") expect(after).not.toBe("pass");
        if (before === "fail") expect(after).toBe("fail");
      }),
      { numRuns: 500 },
    );
  });

  test("a pass holds until validUntil and ends there", () => {
    fc.assert(
      fc.property(record, fc.double({ min: 0, max: 1, noNaN: true }), (statements, fraction) => {
        const verdict = evaluateGate({ ...gate, statements });
        if (verdict.outcome !== "pass") return;
        const until = Date.parse(verdict.validUntil ?? "");
        expect(outcomeOf(statements, now + Math.floor((until - now - 1) * fraction))).toBe("pass");
        expect(outcomeOf(statements, until)).not.toBe("pass");
      }),
      { numRuns: 500 },
    );
  });

  test("the order in which statements are given does not matter", () => {
    fc.assert(
      fc.property(record, (statements) => {
        expect(outcomeOf(statements.toReversed())).toBe(outcomeOf(statements));
      }),
    );
  });
});
