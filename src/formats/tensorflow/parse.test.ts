import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { proto } from "../protobuf/testing/write.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { parseTensorflow } from "./parse.ts";
import {
  callAttribute,
  textAttribute,
  tfFunction,
  tfGraph,
  tfNode,
  tfSavedModel,
  tfSaver,
  tfSignature,
  tfText,
} from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseTensorflow(bytesSource(bytes), unmetered);
const effects = (bytes: Uint8Array) =>
  Object.fromEntries(parse(bytes).operators.map(({ id, known }) => [id, known?.effect]));
const rules = (bytes: Uint8Array) => parse(bytes).flaws.map(({ rule, severity }) => `${rule} ${severity}`);
const serving = tfNode("call", "StatefulPartitionedCall", [], [callAttribute("serve")]);

describe("operators of a SavedModel", () => {
  test("that compute or keep variables are nothing to mention", () => {
    const file = parse(
      tfSavedModel(tfGraph([tfNode("a", "MatMul"), tfNode("v", "VarHandleOp"), tfNode("r", "ReadVariableOp")])),
    );
    expect(file.operators.every(({ known }) => known?.effect === "pure" || known?.effect === "state")).toBe(true);
    expect([file.flaws, file.gaps]).toEqual([[], []]);
  });

  test.each([
    ["ReadFile", "reads"],
    ["WriteFile", "writes"],
    ["MatchingFiles", "reads"],
    ["ImmutableConst", "reads"],
    ["TextLineDataset", "reads"],
    ["SqlDataset", "reads"],
    ["PyFunc", "executes"],
    ["EagerPyFunc", "executes"],
    ["DatasetFromGraph", "executes"],
    ["RpcCall", "network"],
    ["DataServiceDatasetV4", "network"],
    ["DebugIdentityV3", "writes"],
    ["Save", "writes"],
    ["DumpTensor", "writes"],
  ])("that touch more are found in the graph, in functions, and in functions nobody calls: %s", (op, effect) => {
    const node = tfNode("x", op);
    expect(effects(tfSavedModel(tfGraph([node])))[op]).toBe(effect);
    expect(effects(tfSavedModel(tfGraph([serving], [tfFunction("serve", [node])])))[op]).toBe(effect);
    expect(effects(tfSavedModel(tfGraph([], [tfFunction("unused", [node])])))[op]).toBe(effect);
    expect(effects(tfGraph([tfNode("a", "Add"), node]))[op]).toBe(effect);
  });

  test("show the constants they are given", () => {
    const graph = tfGraph([
      tfText("p", "/etc/passwd"),
      tfNode("i", "Identity", ["p:0"]),
      tfNode("x", "ReadFile", ["i"]),
    ]);
    expect(parse(tfSavedModel(graph)).operators.find(({ id }) => id === "ReadFile")?.known?.why).toContain(
      '"/etc/passwd"',
    );
  });

  test("nobody knows leave the model incomplete", () => {
    expect(parse(tfSavedModel(tfGraph([tfNode("a", "MyOwnOp")]))).gaps).toHaveLength(1);
    expect(parse(tfSavedModel(tfGraph([serving]))).gaps).toHaveLength(1);
    expect(parse(tfSavedModel(tfGraph([serving], [tfFunction("serve", [])]))).gaps).toEqual([]);
  });

  test("are judged by their attributes, in whatever order these are stored", () => {
    const print = (attribute: Uint8Array) =>
      effects(tfSavedModel(tfGraph([tfNode("p", "PrintV2", [], [attribute])])))["PrintV2"];
    expect(print(textAttribute("output_stream", "stderr"))).toBe("state");
    expect(print(textAttribute("output_stream", "file:///tmp/x"))).toBe("writes");
    expect(print(proto([2, proto([2, "file:///tmp/x"])], [1, "output_stream"]))).toBe("writes");
    const decode = tfNode("d", "DecodeProtoV2", [], [textAttribute("descriptor_source", "/etc/x")]);
    expect(effects(tfSavedModel(tfGraph([decode])))["DecodeProtoV2"]).toBe("reads");
  });
});

describe("saving and restoring", () => {
  const save = [
    tfNode("ShardedFilename", "ShardedFilename", ["prefix"]),
    tfNode("SaveV2", "SaveV2", ["ShardedFilename:0"]),
    tfNode("m", "MergeV2Checkpoints", ["ShardedFilename:0", "prefix"]),
  ];
  const graph = (save: readonly Uint8Array[], nodes: readonly Uint8Array[] = []) =>
    tfGraph(
      [
        serving,
        tfNode("file", "Placeholder"),
        tfNode("save", "StatefulPartitionedCall", ["file"], [callAttribute("traced_save")]),
        ...nodes,
      ],
      [tfFunction("traced_save", save), tfFunction("serve", [tfNode("a", "MatMul")])],
    );
  const doors = [tfSaver("file:0", "save:0", "save"), tfSignature("call:0")];

  test("in the model's own saver is ordinary", () => {
    expect(effects(tfSavedModel(graph(save), doors))).toMatchObject({ SaveV2: "state", MergeV2Checkpoints: "state" });
    expect(rules(tfSavedModel(graph(save), doors))).toEqual([]);
  });

  test("in what a signature runs, or in functions that are no saver, is not", () => {
    const served = tfSavedModel(tfGraph([serving], [tfFunction("serve", [tfNode("s", "SaveV2", ["p"])])]), doors);
    expect(effects(served)["SaveV2"]).toBe("writes");
    const both = tfSavedModel(graph(save, [tfNode("call2", "PartitionedCall", [], [callAttribute("traced_save")])]), [
      doors[0]!,
      tfSignature("call2:0"),
    ]);
    expect(effects(both)["SaveV2"]).toBe("writes");
    const loose = tfSavedModel(
      tfGraph([serving], [tfFunction("serve", []), tfFunction("other", [tfNode("r", "RestoreV2", ["p"])])]),
      doors,
    );
    expect(effects(loose)["RestoreV2"]).toBe("reads");
  });

  test("when the model is loaded is not", () => {
    const nodes = tfGraph([
      tfNode("prefix", "Placeholder"),
      tfNode("s", "SaveV2", ["prefix"]),
      tfNode("init", "NoOp", ["^s"]),
    ]);
    const collection = [4, proto([2, proto([1, proto([1, "init"])])], [1, "saved_model_main_op"])] as const;
    expect(effects(tfSavedModel(nodes, [collection]))["SaveV2"]).toBe("writes");
    expect(effects(tfSavedModel(nodes))["SaveV2"]).toBe("state");
  });

  test("under a constant path outside the model is dangerous even in the saver", () => {
    const fixed = [
      tfText("p", "/root/.ssh/authorized_keys"),
      tfNode("j", "StringJoin", ["p"]),
      tfNode("SaveV2", "SaveV2", ["j:0"]),
    ];
    expect(rules(tfSavedModel(graph(fixed), doors))).toEqual(["outside-path high"]);
    expect(rules(tfGraph([...fixed, tfNode("a", "Add")]))).toEqual(["outside-path high"]);
    const table = [tfText("p", "../../etc/passwd"), tfNode("t", "InitializeTableFromTextFileV2", ["table", "p"])];
    expect(rules(tfSavedModel(tfGraph(table)))).toEqual(["outside-path high"]);
  });
});

describe("what surrounds the graph", () => {
  test("assets may not leave the model's folder", () => {
    const asset = (path: string) => rules(tfSavedModel(tfGraph([]), [[6, proto([1, proto([1, "t:0"])], [2, path])]]));
    expect(asset("vocabulary.txt")).toEqual([]);
    expect(asset("../../../etc/passwd")).toEqual(["asset-path high"]);
  });

  test("Lambda layers are found in both places where Keras describes layers, and handed on", () => {
    const lambda = JSON.stringify({
      class_name: "Model",
      config: {
        layers: [
          { class_name: "Lambda", config: { name: "l", function_type: "lambda", function: ["4wE=", null, null] } },
        ],
      },
    });
    const old = tfSavedModel(tfGraph([]), [[7, proto([1, proto([4, proto([1, "_tf_keras_layer"], [3, lambda])])])]]);
    const metadata = proto([1, proto([2, 0], [3, "root"], [4, "_tf_keras_network"], [5, lambda])]);
    for (const bytes of [old, metadata]) {
      const file = parse(bytes);
      expect(file.flaws.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(["keras-lambda critical"]);
      expect(file.metadata).toHaveLength(1);
    }
    const plain = proto([
      1,
      proto(
        [2, 0],
        [3, "root"],
        [4, "_tf_keras_network"],
        [5, '{"class_name": "Dense", "config": {"name": "Lambda"}}'],
      ),
    ]);
    expect(rules(plain)).toEqual([]);
  });

  test("unknown fields leave it incomplete", () => {
    expect(parse(tfSavedModel(tfGraph([]), [[77, proto([1, 1])]])).gaps).toHaveLength(1);
  });
});

describe("the TensorFlow parser", () => {
  test("finds nothing to say about an exported model", () => {
    const bytes = referenceModel("digits/fashion_cnn_savedmodel/saved_model.pb");
    const fingerprint = referenceModel("digits/fashion_cnn_savedmodel/fingerprint.pb");
    if (!bytes || !fingerprint) return;
    expect(parse(bytes)).toMatchObject({ form: "saved-model", functions: 5, flaws: [], gaps: [] });
    expect(parse(bytes).operators.every(({ known }) => known?.effect === "pure" || known?.effect === "state")).toBe(
      true,
    );
    expect(parse(fingerprint)).toMatchObject({ form: "fingerprint", flaws: [], gaps: [] });
  });

  test("survives any damage", () => {
    const originals = [
      tfSavedModel(tfGraph([tfText("a", "b"), serving], [tfFunction("serve", [tfNode("x", "Add", ["y"])])]), [
        tfSaver("a", "b", "c"),
        tfSignature("call:0"),
      ]),
      referenceModel("digits/fashion_cnn_savedmodel/saved_model.pb"),
    ].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original), (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED")).toBe(true);
          }
        }),
        { numRuns: 150 },
      );
    }
  });
});
