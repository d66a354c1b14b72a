import { expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { graphOf, modelOf, node, tensor } from "../../formats/onnx/testing/write.ts";
import { proto } from "../../formats/protobuf/testing/write.ts";
import { probeOf } from "../probe.ts";
import onnx from "./onnx.ts";
import { examine } from "./testing/examine.ts";

const certainty = (bytes: Uint8Array): string => onnx.recognise(probeOf(bytesSource(bytes), "x.bin"));
const model = modelOf(graphOf([node("Relu")], [tensor("w", 1, [2], 8)]));

test("models are recognised by their graph, cut short and with foreign fields too", () => {
  expect(certainty(model)).toBe("certain");
  expect(certainty(Buffer.concat([proto([99, "x"]), model]))).toBe("likely");
  expect(certainty(Buffer.concat([model, Buffer.from("PK\u0003\u0004")]))).toBe("likely");
  expect(certainty(model.subarray(0, model.length - 30))).toBe("likely");
});

test("other messages and texts are not models", () => {
  for (const bytes of [
    proto([1, 1], [2, proto([1, "tag"])]),
    proto([1, proto([1, "n"], [2, "Const"])]),
    Buffer.from("hello world"),
    Buffer.from('{"a": 1}'),
    Buffer.alloc(100),
  ]) {
    expect(certainty(bytes)).toBe("no");
  }
});

test("a tensor in a file of its own is read as one", async () => {
  const examined = await examine(onnx, tensor("x", 1, [2, 3], 24), "input_0.pb");
  expect([examined.certainty, examined.incomplete, examined.structure.tensors]).toEqual(["likely", [], 1]);
  expect(certainty(tensor("x", 1, [2, 3], 20))).toBe("no");
});

test("reference models are certain and complete", async () => {
  const bytes = referenceModel("digits/fashion_cnn.int8.onnx");
  if (!bytes) return;
  const { certainty, incomplete } = await examine(onnx, bytes);
  expect([certainty, incomplete]).toEqual(["certain", []]);
});
