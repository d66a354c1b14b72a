import { expect, test } from "vitest";
import { assemble, op } from "../../../formats/pickle/testing/assemble.ts";
import type { Part } from "../../../formats/pickle/testing/assemble.ts";
import pickle from "../../../scan/readers/pickle.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./pickle-files.ts";

const plain = assemble(op.proto(2), op.emptyList, op.mark, op.int(1), op.int(2), op.appends, op.stop);
const see = async (...parts: readonly Part[]) => (await examine(pickle, assemble(...parts))).see(subject);

test("a call of io.open is reported", async () => {
  const found = await see(op.global("io", "open"), op.text("/tmp/x"), op.text("w"), op.tuple2, op.reduce, op.stop);
  expect(found).toMatchObject([{ severity: "high", key: "input-output io.open" }]);
});

test("a list of numbers is not reported", async () => {
  expect((await examine(pickle, plain)).see(subject)).toEqual([]);
});
