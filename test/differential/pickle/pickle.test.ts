import fc from "fast-check";
import { expect, test } from "vitest";
import { difference } from "./difference.ts";
import { mutated, pickleBytes } from "./generate-pickle.ts";
import { askOracle, hasOracle } from "./oracle.ts";
import { realPickles } from "../../../src/formats/pickle/testing/real-pickles.ts";

/** Draws pickles, asks CPython about all of them at once, and holds our machine to each answer. */
function compare(pickles: fc.Arbitrary<Uint8Array>, count: number, as: "file" | "memory"): string[] {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const cases = fc.sample(pickles, { numRuns: count, seed });
  const answers = askOracle(cases, as);
  return cases.flatMap((bytes, i) => {
    const found = difference(bytes, answers[i]!, as);
    return found === undefined ? [] : [`seed ${seed}, case ${i}, ${Buffer.from(bytes).toString("base64")}: ${found}`];
  });
}

function ready(): boolean {
  if (hasOracle()) return true;
  if (process.env["CI"] === "true") throw new Error("continuous integration must have python3");
  console.log("not run: python3 absent");
  return false;
}

test("generated pickles run as CPython's C unpickler runs them from memory", () => {
  if (ready()) expect(compare(pickleBytes, 600, "memory")).toEqual([]);
});

test("generated pickles run as CPython's C unpickler runs them from a file", () => {
  if (ready()) expect(compare(pickleBytes, 600, "file")).toEqual([]);
});

test("damaged real pickles run as CPython's C unpickler runs them", () => {
  if (!ready()) return;
  expect(compare(mutated(realPickles), 300, "memory")).toEqual([]);
  expect(compare(mutated(realPickles), 300, "file")).toEqual([]);
});

test("real pickles run as CPython's C unpickler runs them", () => {
  if (!ready()) return;
  const answers = askOracle(realPickles, "file");
  expect(answers.filter((answer) => answer.ended !== "stop")).toEqual([]);
  expect(realPickles.map((bytes, i) => difference(bytes, answers[i]!, "file")).filter(Boolean)).toEqual([]);
});
