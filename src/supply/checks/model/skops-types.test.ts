import fc from "fast-check";
import { expect, test } from "vitest";
import { isCastellanError } from "../../../kit/errors.ts";
import { mutations } from "../../../formats/reading/testing/mutations.ts";
import json from "../../../scan/readers/json.ts";
import skops from "../../../scan/readers/skops-schema.ts";
import { refine } from "../../../scan/readers/testing/refine.ts";
import types from "./skops-types.ts";

const node = (module: string, name: string, loader: string, content: unknown = {}): object => ({
  __class__: name,
  __module__: module,
  __loader__: loader,
  __id__: 1,
  content,
});
const model = (inner: object): string =>
  JSON.stringify(
    node(
      "sklearn.linear_model._logistic",
      "LogisticRegression",
      "ObjectNode",
      node("builtins", "dict", "DictNode", { C: inner }),
    ),
  );
const number = node("builtins", "str", "JsonNode", "1.0");

test.each([
  ["a function of os", node("os", "system", "FunctionNode", { module_path: "os", function: "system" }), "high"],
  [
    "a function named in the content only",
    node("builtins", "dict", "FunctionNode", { module_path: "os", function: "system" }),
    "high",
  ],
  ["a method by name", node("builtins", "dict", "MethodNode", { func: "x", obj: number }), "high"],
  ["an operator that calls methods", node("operator", "methodcaller", "OperatorFuncNode", {}), "high"],
  [
    "a transformer of any function",
    node("sklearn.preprocessing._function_transformer", "FunctionTransformer", "ObjectNode"),
    "high",
  ],
])("%s is reported", async (_, inner, severity) => {
  const examined = await refine(json, skops, model(inner));
  expect(examined?.see(types).map((seen) => seen.severity)).toContain(severity);
});

test("an estimator with its parameters is not reported; an unknown kind of node is a gap", async () => {
  const examined = await refine(json, skops, model(number));
  expect([examined?.see(types), examined?.incomplete]).toEqual([[], []]);
  expect((await refine(json, skops, model(node("builtins", "dict", "NewNode"))))?.incomplete).toHaveLength(1);
});

test("damaged schemas end in an answer", async () => {
  await fc.assert(
    fc.asyncProperty(mutations(Buffer.from(model(number))), async (bytes) => {
      try {
        await refine(json, skops, bytes);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      }
    }),
  );
});
