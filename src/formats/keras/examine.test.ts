import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { parseJson } from "../model-config/json-tree.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { examineKeras, isKerasConfig } from "./examine.ts";
import type { KerasConfig } from "./examine.ts";
import { kerasModel, kerasObject, marshalled } from "./testing/config.ts";

function judge(value: unknown): KerasConfig {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return examineKeras(parseJson(bytesSource(Buffer.from(text)), unmetered).root, unmetered);
}

/** "safe", or the worst severity with its rule, or "incomplete". */
function verdict(value: unknown): string {
  const { concerns, gaps } = judge(value);
  const worst = ["critical", "high", "medium", "low"].flatMap((severity) =>
    concerns.filter((concern) => concern.severity === severity),
  )[0];
  if (worst && worst.severity !== "medium" && worst.severity !== "low") return `${worst.severity} ${worst.rule}`;
  return gaps.length > 0 ? "incomplete" : "safe";
}

const layer = (name: string, config: unknown = {}): object => kerasObject("keras.layers", name, config);
const bad = kerasObject("os", "function", "system", "system");

describe("a model of Keras' own layers is safe", () => {
  test.each([
    ["ordinary layers", kerasModel(layer("Dense", { units: 4, activation: "relu" }), layer("Dropout", { rate: 0.5 }))],
    [
      "wrapped layers",
      kerasModel(layer("TimeDistributed", { layer: layer("Bidirectional", { layer: layer("LSTM", { units: 3 }) }) })),
    ],
    [
      "a Functional model inside another",
      kerasModel(kerasObject("keras.src.models.functional", "Functional", { layers: [] }, "Functional")),
    ],
    ["operations on tensors", kerasModel(kerasObject("keras.src.ops.numpy", "Add", { name: "add" }, "Add"))],
    ["a vocabulary written out", kerasModel(layer("StringLookup", { vocabulary: ["a", "b"] }))],
    [
      "built-in functions by name",
      kerasModel(layer("Dense", { activation: kerasObject("builtins", "function", "relu", "function") })),
    ],
    [
      "the older way of writing",
      {
        class_name: "Sequential",
        config: { layers: [{ class_name: "Dense", config: { units: 1 } }] },
        keras_version: "2.4",
      },
    ],
    ["TensorFlow operators that compute", { class_name: "TFOpLambda", config: { name: "x", function: "math.add" } }],
    ["plain values", kerasModel({ class_name: "__tensor__", config: { value: [1], dtype: "float32" } })],
  ])("with %s", (_, model) => {
    expect(verdict(model)).toBe("safe");
  });
});

describe("what runs code is found", () => {
  const lambda = { class_name: "__lambda__", config: { code: marshalled, defaults: null, closure: null } };
  test.each([
    ["a Lambda layer", kerasModel(layer("Lambda", { function: lambda })), "critical code"],
    [
      "a Lambda layer as Keras 2 wrote it",
      {
        class_name: "Sequential",
        config: [{ class_name: "Lambda", config: { function: [marshalled, null, null], function_type: "lambda" } }],
      },
      "critical code",
    ],
    [
      "a Lambda layer under another module",
      kerasModel(kerasObject("tf_keras.src.layers", "Lambda", { function: [marshalled, null, null] })),
      "critical code",
    ],
    ["a Lambda layer that hides its function", kerasModel(layer("Lambda", {})), "high code"],
    [
      "code for the shape of the output",
      kerasModel(layer("Lambda", { function: "relu", output_shape: [marshalled, null, null] })),
      "critical code",
    ],
    ["a lambda as an activation", kerasModel(layer("Dense", { activation: lambda })), "critical code"],
    [
      "a lambda deep inside wrappers",
      kerasModel(
        layer("TimeDistributed", {
          layer: kerasModel(layer("Wrapper", { layer: layer("Lambda", { function: lambda }) })),
        }),
      ),
      "critical code",
    ],
    ["a function of os", kerasModel(bad), "high reach"],
    ["a function of os as a metric", { ...kerasModel(), compile_config: { metrics: [[bad]] } }, "high reach"],
    ["a function in the build configuration", { ...kerasModel(), build_config: { input_shape: bad } }, "high reach"],
    ["a class of another library", kerasModel(kerasObject("torch.nn", "Linear", {})), "high reach"],
    ["a registered name for a common module", kerasModel(kerasObject("numpy", "Dense", {}, "my>Dense")), "high reach"],
    [
      "a function of an unknown package",
      kerasModel(kerasObject("evil_pkg.run", "function", "go", "pkg>go")),
      "high reach",
    ],
    ["a built-in of Python", kerasModel(kerasObject("builtins", "function", "eval", "function")), "high reach"],
    [
      "the registered name instead of the class",
      kerasModel(kerasObject("keras.src.utils.file_utils", "Dense", {}, "get_file")),
      "high reach",
    ],
    ["a download", kerasModel(kerasObject("keras.utils", "function", "get_file", "get_file")), "high reach"],
    ["a dotted name", kerasModel(kerasObject("keras", "function", "utils.get_file", null)), "high reach"],
    [
      "safe mode turned off",
      kerasModel(kerasObject("keras.config", "function", "enable_unsafe_deserialization")),
      "high reach",
    ],
    ["a pickled PyTorch module", kerasModel(layer("TorchModuleWrapper", { module: "…" })), "high reach"],
    ["a SavedModel from a path", kerasModel(layer("TFSMLayer", { filepath: "/tmp/x" })), "high reach"],
    ["TensorFlow's file functions", { class_name: "TFOpLambda", config: { function: "io.write_file" } }, "high reach"],
    ["a vocabulary path", kerasModel(layer("StringLookup", { vocabulary: "/etc/passwd" })), "high files"],
    [
      "a vocabulary address",
      kerasModel(layer("TextVectorization", { vocabulary: "http://169.254.169.254/latest" })),
      "high files",
    ],
    ["a repeated key", '{"class_name": "Lambda", "class_name": "Dense", "config": {"function": 1}}', "high code"],
    [
      "a repeated module",
      '{"module": "keras.layers", "module": "subprocess", "class_name": "Dense", "config": {}}',
      "high reach",
    ],
  ])("%s", (_, model, expected) => {
    expect(verdict(model)).toBe(expected);
  });

  test("the names inside marshalled code are shown", () => {
    const [concern] = judge(kerasModel(layer("Lambda", { function: [marshalled, null, null] }))).concerns;
    expect(concern?.evidence).toContain("system");
  });
});

describe("what is not known is never safe", () => {
  test.each([
    ["a layer newer than the list", kerasModel(layer("DenseOfTomorrow"))],
    ["a class of the author's", kerasModel(kerasObject("my_layers", "Mine", {}, "pkg>Mine"))],
    [
      "a loss of the author's",
      { ...kerasModel(), compile_config: { loss: kerasObject("builtins", "function", "my_loss", "function") } },
    ],
    ["a class without module", kerasModel(kerasObject(null, "Mine", {}))],
    ["an unknown special value", kerasModel({ class_name: "__class__", config: {} })],
    ["a class name that is no text", kerasModel({ class_name: ["Dense"], config: {} })],
  ])("%s", (_, model) => {
    expect(verdict(model)).toBe("incomplete");
  });
});

test("configurations are told from other JSON", () => {
  const is = (value: unknown): boolean =>
    isKerasConfig(parseJson(bytesSource(Buffer.from(JSON.stringify(value))), unmetered).root);
  expect([
    is(kerasModel()),
    is([{ a: kerasModel() }]),
    is({ model_type: "llama" }),
    is({ a: { class_name: "x" } }),
  ]).toEqual([true, true, false, false]);
});

test("whatever is changed in a real configuration, the examination ends with an answer", () => {
  const model = referenceModel("digits/fashion_cnn.keras");
  if (!model) return;
  const start = Buffer.from(model).indexOf('{"module"');
  const config = model.subarray(start, start + 6352);
  fc.assert(
    fc.property(mutations(config), (bytes) => {
      try {
        examineKeras(parseJson(bytesSource(bytes), unmetered).root, unmetered);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      }
    }),
    { numRuns: 300 },
  );
});

test("real configurations are safe", () => {
  for (const path of ["digits/fashion_cnn.keras", "digits/fashion_mlp_trained.keras"]) {
    const model = referenceModel(path);
    if (!model) return;
    const text = Buffer.from(model).toString("latin1");
    const start = text.indexOf('{"module"');
    const end = text.indexOf("PK\u0003\u0004", start);
    expect(verdict(text.slice(start, end)), path).toBe("safe");
  }
});
