import { describe, expect, test } from "vitest";
import { evaluateGate } from "./evaluate.ts";
import { explainVerdict } from "./explain.ts";
import { input, model, modelSignature, statement } from "./testing/world.ts";

const require = `
- { id: signed, statement: model-signature, signedBy: [operator] }
- { id: score, statement: evaluation, signedBy: [lab], at: /x, op: ">=", value: 0.5 }`;

describe("a verdict for people", () => {
  test("begins with the answer, then what stands in the way, then what holds", () => {
    const lines = explainVerdict(evaluateGate(input(require, { modelSignatures: [modelSignature(model)] })));
    expect(lines[0]?.text).toMatch(
      /^default\/credit:prod \(sha256:.*\) is not admitted: something needed is missing under policy test$/,
    );
    expect(lines.map(({ outcome }) => outcome)).toEqual(["undecided", "undecided", ...Array<string>(7).fill("pass")]);
    expect(lines[1]?.text).toBe(
      "undecided score: The version has an evaluation statement signed by lab, with /x >= 0.5: there is no evaluation statement about it (needed from lab)",
    );
  });

  test("carries nothing that could steer a terminal, whatever a statement says", () => {
    const statements = [statement("evaluation", model, { x: "\u001b[2Jok\u202e\n" }, { by: ["lab"] })];
    const text = explainVerdict(evaluateGate(input(require, { statements })))
      .map((line) => line.text)
      .join("");
    expect(text).toMatch(/FAIL {6}score/);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});
