import { expect, test } from "vitest";
import { assemble, op } from "../../../formats/pickle/testing/assemble.ts";
import type { Part } from "../../../formats/pickle/testing/assemble.ts";
import pickle from "../../../scan/readers/pickle.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./pickle-unknown.ts";

const plain = assemble(op.proto(2), op.emptyList, op.mark, op.int(1), op.int(2), op.appends, op.stop);
const see = async (...parts: readonly Part[]) => (await examine(pickle, assemble(...parts))).see(subject);

test("a call of an unknown function is reported as high", async () => {
  const found = await see(op.global("nowhere.known", "run"), op.emptyTuple, op.reduce, op.stop);
  expect(found).toMatchObject([{ severity: "high", key: "unknown nowhere.known.run" }]);
});

test("a bare instance of the user's own class is reported as medium", async () => {
  const found = await see(op.proto(2), op.global("__main__", "Model"), op.emptyTuple, op.newobj, op.stop);
  expect(found).toMatchObject([{ severity: "medium", key: "unknown __main__.Model" }]);
});

test("a list of numbers is not reported", async () => {
  expect((await examine(pickle, plain)).see(subject)).toEqual([]);
});
