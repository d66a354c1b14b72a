import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { proto, varintBytes } from "../protobuf/testing/write.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { sparseSource } from "../reading/testing/sparse.ts";
import { parseOnnx } from "./parse.ts";
import { attribute, externalTensor, functionOf, graphOf, modelOf, node, tensor } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseOnnx(bytesSource(bytes), unmetered);
const judged = (...parts: Parameters<typeof modelOf>) => {
  const { flaws, gaps } = parse(modelOf(...parts));
  return { rules: flaws.map(({ rule, severity }) => `${rule} ${severity}`), gaps: gaps.length };
};
const silent = { rules: [], gaps: 0 };

describe("an ONNX model", () => {
  test("of standard operators and stored tensors has nothing to say", () => {
    const inner = graphOf([node("Add")]);
    const graph = graphOf(
      [node("Relu"), node("If", "", [attribute("then_branch", [6, inner])])],
      [tensor("w", 1, [2, 3], 24)],
    );
    expect(judged(graph)).toEqual(silent);
    expect(parse(modelOf(graph))).toMatchObject({ nodes: 3, tensors: 1, irVersion: 8 });
  });

  test("is incomplete with operators nobody knows, wherever they hide", () => {
    const odd = node("Load", "evil.domain");
    const hidden = [
      graphOf([odd]),
      graphOf([node("If", "", [attribute("else_branch", [6, graphOf([odd])])])]),
      graphOf([node("Scan", "", [attribute("body", [11, graphOf([odd])])])]),
    ];
    for (const graph of hidden) expect(judged(graph).gaps).toBe(1);
    expect(judged(graphOf([node("Relu")]), [functionOf("my", "F", [odd])]).gaps).toBe(1);
    expect(judged(graphOf([node("NotAnOperator")])).gaps).toBe(1);
  });

  test("knows the operators its own functions define", () => {
    expect(judged(graphOf([node("Twice", "my")]), [functionOf("my", "Twice", [node("Add"), node("Add")])])).toEqual(
      silent,
    );
  });

  test("may not define functions that recur, explode, or replace known operators", () => {
    const recursive = [functionOf("my", "A", [node("B", "my")]), functionOf("my", "B", [node("A", "my")])];
    expect(judged(graphOf([node("A", "my")]), recursive).rules).toContain("function-recursion high");
    const bomb = Array.from({ length: 40 }, (_, level) =>
      functionOf("my", `F${level}`, [node(`F${level + 1}`, "my"), node(`F${level + 1}`, "my")]),
    );
    expect(judged(graphOf([node("F0", "my")]), bomb).rules).toContain("function-expansion high");
    expect(judged(graphOf([node("Relu")]), [functionOf("", "Relu", [node("Add")])]).rules).toContain(
      "function-shadows high",
    );
    const twice = [functionOf("my", "A", [node("Add")]), functionOf("my", "A", [node("Sub")])];
    expect(judged(graphOf([node("A", "my")]), twice).rules).toContain("function-duplicate high");
  });

  test("names operators that call code or hosts as such", () => {
    const { operators } = parse(
      modelOf(graphOf([node("PyOp", "ai.onnx.contrib"), node("EPContext", "com.microsoft")])),
    );
    expect(operators.map(({ known }) => known?.effect)).toEqual(["executes", "native"]);
    const context = node("EPContext", "com.microsoft", [attribute("ep_cache_context", [4, "../../other.bin"])]);
    expect(judged(graphOf([context])).rules).toEqual(["external-context high"]);
  });
});

describe("external data", () => {
  const at = (entries: readonly (readonly [string, string])[]) =>
    judged(graphOf([], [externalTensor("w", [2, 3], entries)])).rules;

  test("beside the model is ordinary", () => {
    expect(
      at([
        ["location", "model.onnx.data"],
        ["offset", "4096"],
        ["length", "24"],
      ]),
    ).toEqual([]);
    expect(at([["location", "weights/part-1.bin"]])).toEqual([]);
  });

  test.each([
    "../secret",
    "a/../../b",
    "/etc/passwd",
    "C:\\x",
    "\\\\host\\share",
    "http://h/x",
    "file:///etc/passwd",
    "..\\x",
    "~/x",
    "",
    "a/..",
    "x\0.bin",
    "*/_ORT_MEM_ADDR_/*",
    "%2e%2e/x",
    "${HOME}/x",
  ])("at %j is dangerous", (location) =>
    expect(at([["location", location]]).some((rule) => rule.endsWith(" high"))).toBe(true),
  );

  test("may not lie about offset, length or keys", () => {
    const ok = ["location", "w.bin"] as const;
    expect(at([ok, ["offset", "-1"]])).toEqual(["external-number high"]);
    expect(at([ok, ["length", "99999999999999999999"]])).toEqual(["external-number high"]);
    expect(at([ok, ["length", "25"]])).toEqual(["external-length high"]);
    expect(at([ok, ["location", "v.bin"]])).toEqual(["external-duplicate high"]);
    expect(at([ok, ["__class__", "x"]])).toEqual(["external-key high"]);
    expect(at([ok, ["basepath", "/etc"]])).toEqual(["external-path high"]);
    expect(at([])).toEqual(["external-location medium"]);
  });

  test("is found in attributes, functions, sparse tensors and training graphs too", () => {
    const evil = externalTensor("w", [1], [["location", "../x"]]);
    const models = [
      modelOf(graphOf([node("Constant", "", [attribute("value", [5, evil])])])),
      modelOf(graphOf([node("Constant", "", [attribute("values", [10, evil])])])),
      modelOf(graphOf([node("X", "my", [attribute("v", [22, proto([1, evil])])])])),
      modelOf(graphOf([]), [functionOf("my", "F", [node("Constant", "", [attribute("value", [5, evil])])])]),
      Buffer.concat([modelOf(graphOf([])), proto([20, proto([2, graphOf([], [evil])])])]),
      modelOf(Buffer.concat([graphOf([]), proto([15, proto([2, evil])])])),
    ];
    for (const bytes of models) expect(parse(bytes).flaws.map(({ rule }) => rule)).toContain("external-path");
  });
});

describe("tensors", () => {
  const one = (bytes: Uint8Array) => judged(graphOf([], [bytes])).rules;

  test("have exactly the bytes their shape needs", () => {
    expect(one(tensor("w", 1, [2, 3], 24))).toEqual([]);
    expect(one(tensor("w", 22, [3], 2))).toEqual([]);
    expect(one(tensor("w", 1, [2, 3], 20))).toEqual(["tensor-size high"]);
    expect(one(tensor("w", 1, [2n ** 40n, 2n ** 40n], 4))).toContain("tensor-shape high");
    expect(one(tensor("w", 1, [2n ** 64n - 1n], 4))).toEqual(["tensor-shape high"]);
    expect(one(proto([1, 2], [2, 8], [8, "s"], [6, "a"]))).toEqual(["tensor-size high"]);
    expect(one(tensor("w", 99, [1], 4))).toEqual(["tensor-type medium"]);
  });

  test("may not be stored twice in different forms", () => {
    expect(one(Buffer.concat([tensor("w", 1, [1], 4), proto([4, Buffer.alloc(4)])]))).toContain("tensor-forms medium");
    expect(one(Buffer.concat([tensor("w", 1, [1], 4), proto([13, proto([1, "location"], [2, "x"])])]))).toContain(
      "tensor-location medium",
    );
  });

  test("of one graph have different names", () => {
    expect(judged(graphOf([], [tensor("w", 1, [1], 4), tensor("w", 1, [1], 4)])).rules).toEqual([
      "duplicate-tensor medium",
    ]);
  });
});

describe("the ONNX parser", () => {
  test("finds nothing to say about exported models", () => {
    for (const path of [
      "adult/mlp",
      "credit/logreg",
      "digits/fashion_cnn",
      "digits/fashion_cnn.int8",
      "overfit/mlp_overfit",
    ]) {
      const bytes = referenceModel(`${path}.onnx`);
      if (!bytes) return;
      const { flaws, gaps, operators } = parse(bytes);
      expect({ path, flaws, gaps }).toEqual({ path, flaws: [], gaps: [] });
      expect(operators.every(({ known }) => known?.effect === "pure")).toBe(true);
    }
  });

  test("notes bytes that belong to no field", () => {
    expect(parse(Buffer.concat([modelOf(graphOf([])), Buffer.from("\x00tail")])).gaps).toHaveLength(1);
    expect(parse(Buffer.concat([modelOf(graphOf([])), proto([99, "tail"])])).gaps).toHaveLength(1);
    expect(parse(Buffer.concat([modelOf(graphOf([])), proto([7, graphOf([])])])).flaws).toMatchObject([
      { rule: "duplicate-field" },
    ]);
  });

  test("survives any damage", () => {
    const originals = [
      modelOf(
        graphOf(
          [node("If", "", [attribute("a", [6, graphOf([node("B", "my")])])])],
          [externalTensor("w", [2], [["location", "x"]])],
        ),
        [functionOf("my", "B", [node("Add")])],
      ),
      referenceModel("credit/logreg.onnx"),
    ].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original), (bytes) => void parse(bytes)),
        { numRuns: 300 },
      );
    }
  });

  test("does not read tensors, however large", () => {
    const size = 20 * 1024 ** 3;
    const inner = Buffer.concat([proto([1, size], [2, 2], [8, "w"]), varintBytes(9 * 8 + 2), varintBytes(size)]);
    const initializer = Buffer.concat([varintBytes(5 * 8 + 2), varintBytes(inner.length + size), inner]);
    const head = Buffer.concat([
      proto([1, 8]),
      varintBytes(7 * 8 + 2),
      varintBytes(initializer.length + size),
      initializer,
    ]);
    const source = sparseSource(head.length + size, [{ at: 0, bytes: head }]);
    expect(parseOnnx(source, unmetered)).toMatchObject({ tensors: 1, flaws: [], gaps: [] });
    expect(source.bytesRead()).toBeLessThan(1024 * 1024);
  });
});
