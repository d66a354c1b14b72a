import { expect, test } from "vitest";
import { proto } from "../../../formats/protobuf/testing/write.ts";
import { tfGraph, tfNode, tfSavedModel } from "../../../formats/tensorflow/testing/write.ts";
import tensorflow from "../../../scan/readers/tensorflow.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import check from "./savedmodel-lambda.ts";

test("is reported", async () => {
  const bytes = proto([
    1,
    proto([2, 0], [3, "root"], [5, '{"class_name": "Lambda", "config": {"function_type": "lambda"}}']),
  ]);
  expect((await examine(tensorflow, bytes)).see(check)).toMatchObject([{ severity: "critical", key: "keras-lambda" }]);
});

test("an ordinary model is not reported", async () => {
  const bytes = tfSavedModel(tfGraph([tfNode("a", "MatMul"), tfNode("v", "VarHandleOp")]));
  const examined = await examine(tensorflow, bytes);
  expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
});
