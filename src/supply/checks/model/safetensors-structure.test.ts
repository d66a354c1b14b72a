import { expect, test } from "vitest";
import { twoTensors, writeSafetensors } from "../../../formats/safetensors/testing/write.ts";
import safetensors from "../../../scan/readers/safetensors.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import structure from "./safetensors-structure.ts";

test("overlapping tensors are reported where the second one is named", async () => {
  const header = {
    a: { dtype: "U8", shape: [4], data_offsets: [0, 4] },
    b: { dtype: "U8", shape: [4], data_offsets: [2, 6] },
  };
  expect((await examine(safetensors, writeSafetensors(header, 6))).see(structure)).toMatchObject([
    { severity: "high", key: "overlap", at: { offset: 61 } },
  ]);
});

test("a sound file is not reported", async () => {
  expect((await examine(safetensors, twoTensors())).see(structure)).toEqual([]);
});
