import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { coreml, network } from "../../formats/coreml/testing/write.ts";
import { graphOf, modelOf, node } from "../../formats/onnx/testing/write.ts";
import { proto } from "../../formats/protobuf/testing/write.ts";
import { tfGraph, tfNode, tfSavedModel } from "../../formats/tensorflow/testing/write.ts";
import { probeOf } from "../probe.ts";
import coremlReader from "./coreml.ts";
import onnx from "./onnx.ts";
import tensorflow from "./tensorflow.ts";

const probe = (bytes: Uint8Array) => probeOf(bytesSource(bytes), "x");

test("models are told from those of ONNX and TensorFlow", () => {
  for (const model of [coreml([500, network()]), coreml([604, proto()])]) {
    expect([coremlReader, onnx, tensorflow].map((reader) => reader.recognise(probe(model)))).toEqual([
      "likely",
      "no",
      "no",
    ]);
  }
  for (const other of [
    modelOf(graphOf([node("Relu")])),
    tfSavedModel(tfGraph([tfNode("a", "Add")])),
    Buffer.from("text"),
    Buffer.alloc(0),
  ]) {
    expect(coremlReader.recognise(probe(other))).toBe("no");
  }
});
