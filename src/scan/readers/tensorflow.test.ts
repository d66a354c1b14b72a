import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { graphOf, modelOf, node } from "../../formats/onnx/testing/write.ts";
import { proto } from "../../formats/protobuf/testing/write.ts";
import { tfFunction, tfGraph, tfNode, tfSavedModel } from "../../formats/tensorflow/testing/write.ts";
import { probeOf } from "../probe.ts";
import onnx from "./onnx.ts";
import tensorflow from "./tensorflow.ts";
import { examine, memberText } from "./testing/examine.ts";

const probe = (bytes: Uint8Array) => probeOf(bytesSource(bytes), "x.pb");
const graph = tfGraph([tfNode("a", "Add", ["b"])]);

test("SavedModels, graphs and metadata are recognised, and told from ONNX", () => {
  const metadata = proto([1, proto([2, 0], [3, "root"], [4, "_tf_keras_network"], [5, "{}"])]);
  for (const bytes of [tfSavedModel(graph), graph, tfGraph([], [tfFunction("f", [])]), metadata]) {
    expect([tensorflow.recognise(probe(bytes)), onnx.recognise(probe(bytes))]).toEqual(["likely", "no"]);
  }
  expect(tensorflow.recognise(probe(modelOf(graphOf([node("Relu")]))))).toBe("no");
  for (const text of ["", "hello", '{"a": 1}', "\n\u0003abc", "# readme\n"]) {
    expect(tensorflow.recognise(probe(Buffer.from(text))), text).toBe("no");
  }
});

test("descriptions of Keras layers are members", async () => {
  const metadata = proto([
    1,
    proto([2, 0], [3, "root.layer-1"], [4, "_tf_keras_layer"], [5, '{"class_name": "Dense"}']),
  ]);
  const { members } = await examine(tensorflow, metadata);
  expect(members.map((member) => [member.name, memberText(member)])).toEqual([
    ["root.layer-1.json", '{"class_name": "Dense"}'],
  ]);
});
