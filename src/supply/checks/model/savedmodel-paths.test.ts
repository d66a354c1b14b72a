import { expect, test } from "vitest";
import { proto } from "../../../formats/protobuf/testing/write.ts";
import { tfGraph, tfNode, tfSavedModel } from "../../../formats/tensorflow/testing/write.ts";
import tensorflow from "../../../scan/readers/tensorflow.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import check from "./savedmodel-paths.ts";

test("is reported", async () => {
  const bytes = tfSavedModel(tfGraph([]), [[6, proto([1, proto()], [2, "../../etc/passwd"])]]);
  expect((await examine(tensorflow, bytes)).see(check)).toMatchObject([{ severity: "high", key: "asset-path" }]);
});

test("an ordinary model is not reported", async () => {
  const bytes = tfSavedModel(tfGraph([tfNode("a", "MatMul"), tfNode("v", "VarHandleOp")]));
  const examined = await examine(tensorflow, bytes);
  expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
});
