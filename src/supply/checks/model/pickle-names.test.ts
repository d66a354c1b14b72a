import { expect, test } from "vitest";
import { assemble, op } from "../../../formats/pickle/testing/assemble.ts";
import type { Part } from "../../../formats/pickle/testing/assemble.ts";
import pickle from "../../../scan/readers/pickle.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./pickle-names.ts";

const plain = assemble(op.proto(2), op.emptyList, op.mark, op.int(1), op.int(2), op.appends, op.stop);
const see = async (...parts: readonly Part[]) => (await examine(pickle, assemble(...parts))).see(subject);

test("a function that runs commands, kept but not called, is reported", async () => {
  const found = await see(op.emptyList, op.global("os", "system"), op.append, op.stop);
  expect(found).toMatchObject([{ severity: "medium", key: "os.system" }]);
});

test("a list of numbers is not reported", async () => {
  expect((await examine(pickle, plain)).see(subject)).toEqual([]);
});
