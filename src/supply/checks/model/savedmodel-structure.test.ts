import { expect, test } from "vitest";
import { tfGraph, tfNode, tfSavedModel } from "../../../formats/tensorflow/testing/write.ts";
import tensorflow from "../../../scan/readers/tensorflow.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import check from "./savedmodel-structure.ts";

test("is reported", async () => {
  const bytes = tfSavedModel(tfGraph([tfNode("a", "Add"), tfNode("a", "Sub")]));
  expect((await examine(tensorflow, bytes)).see(check)).toMatchObject([{ severity: "medium", key: "duplicate-node" }]);
});

test("an ordinary model is not reported", async () => {
  const bytes = tfSavedModel(tfGraph([tfNode("a", "MatMul"), tfNode("v", "VarHandleOp")]));
  const examined = await examine(tensorflow, bytes);
  expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
});
