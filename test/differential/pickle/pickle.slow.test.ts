import fc from "fast-check";
import { expect, test } from "vitest";
import { difference } from "./difference.ts";
import { mutated, pickleBytes } from "./generate-pickle.ts";
import { askOracle, hasOracle } from "./oracle.ts";
import { realPickles } from "../../../src/formats/pickle/testing/real-pickles.ts";

test("fifty thousand generated and damaged pickles run as CPython's C unpickler runs them", () => {
  if (!hasOracle()) {
    if (process.env["CI"] === "true") throw new Error("continuous integration must have python3");
    console.log("not run: python3 absent");
    return;
  }
  for (let round = 0; round < 10; round++) {
    for (const pickles of [pickleBytes, mutated(realPickles)]) {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const cases = fc.sample(pickles, { numRuns: 2500, seed });
      for (const as of ["file", "memory"] as const) {
        const answers = askOracle(cases, as);
        const found = cases.map((bytes, i) => difference(bytes, answers[i]!, as)).filter((text) => text !== undefined);
        expect(found, `seed ${seed}`).toEqual([]);
      }
    }
  }
});
