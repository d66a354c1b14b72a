import { expect, test } from "vitest";
import { writeGguf } from "../../../formats/gguf/testing/write.ts";
import gguf from "../../../scan/readers/gguf.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import structure from "./gguf-structure.ts";

test("a count that overflows is reported", async () => {
  const bytes = writeGguf({ tensorCount: 2n ** 61n });
  expect((await examine(gguf, bytes)).see(structure)).toMatchObject([
    { severity: "high", key: "length", at: { offset: 8 } },
  ]);
});

test("a sound file is not reported", async () => {
  const bytes = writeGguf({ tensors: [{ name: "w", dimensions: [8], type: 0, offset: 0 }], data: 32 });
  const examined = await examine(gguf, bytes);
  expect([examined.see(structure), examined.incomplete]).toEqual([[], []]);
});
