import { expect, test } from "vitest";
import { assemble, op } from "../../../formats/pickle/testing/assemble.ts";
import type { Part } from "../../../formats/pickle/testing/assemble.ts";
import pickle from "../../../scan/readers/pickle.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import subject from "./pickle-executes.ts";

const plain = assemble(op.proto(2), op.emptyList, op.mark, op.int(1), op.int(2), op.appends, op.stop);
const see = async (...parts: readonly Part[]) => (await examine(pickle, assemble(...parts))).see(subject);

test("a call of os.system is reported with its argument, its place and its path", async () => {
  const found = await see(op.global("os", "system"), op.text("id"), op.tuple1, op.reduce, op.stop);
  expect(found).toMatchObject([{ severity: "critical", at: { offset: 16 }, key: "execution os.system" }]);
  expect(found[0]!.evidence).toBe('REDUCE os.system ("id",) (opcodes at 0 → 16)');
});

test("what runs before an invalid opcode is reported too", async () => {
  expect(await see(op.global("os", "system"), op.text("id"), op.tuple1, op.reduce, 0xff)).toHaveLength(1);
});

test("a list of numbers is not reported", async () => {
  expect((await examine(pickle, plain)).see(subject)).toEqual([]);
});
