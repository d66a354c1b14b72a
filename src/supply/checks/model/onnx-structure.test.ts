import { expect, test } from "vitest";
import { graphOf, modelOf, node, tensor } from "../../../formats/onnx/testing/write.ts";
import onnx from "../../../scan/readers/onnx.ts";
import { examine } from "../../../scan/readers/testing/examine.ts";
import check from "./onnx-structure.ts";

test("is reported", async () => {
  const bytes = modelOf(graphOf([], [tensor("w", 1, [3], 4)]));
  expect((await examine(onnx, bytes)).see(check)).toMatchObject([{ severity: "high", key: "tensor-size" }]);
});

test("an ordinary model is not reported", async () => {
  const bytes = modelOf(graphOf([node("Relu")], [tensor("w", 1, [2], 8)]));
  const examined = await examine(onnx, bytes);
  expect([examined.see(check), examined.incomplete]).toEqual([[], []]);
});
