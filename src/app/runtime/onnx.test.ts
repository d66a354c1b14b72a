import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../core/ports.ts";
import { encodeColumns } from "../../models/encode-columns.ts";
import { parseFeatureEncoding } from "../../models/feature-encoding.ts";
import { onnxRuntime } from "./onnx.ts";

const example = (name: string) => readFileSync(new URL(`../../../examples/credit/${name}`, import.meta.url));
const published = new URL("../../../../shared/data/models/credit/", import.meta.url);
const encoding = parseFeatureEncoding(example("encoding.json"));

function readCsv(name: string): Record<string, string>[] {
  const [head = "", ...lines] = readFileSync(new URL(name, published), "utf8").trim().split("\n");
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, index) => [names[index]!, value])));
}

function columnsOf(rows: readonly Record<string, string>[]): Map<string, Tensor> {
  return new Map(
    encoding.columns.map((column): [string, Tensor] => {
      const values = rows.map((row) => row[column.column]!);
      return column.kind === "number"
        ? [column.column, { datatype: "FP64", shape: [rows.length], data: Float64Array.from(values, Number) }]
        : [column.column, { datatype: "BYTES", shape: [rows.length], data: values }];
    }),
  );
}

describe("the credit models", () => {
  test.each(["logreg", "mlp"])("%s gives the published predictions from raw columns, to 1e-5", async (name) => {
    if (!existsSync(published)) {
      console.log("not run: ../shared/data absent");
      return;
    }
    const expected = readCsv(`predictions_${name}.csv`);
    const rows = readCsv("test.csv");
    expect(rows.map((row) => row["row_id"])).toEqual(expected.map((row) => row["row_id"]));
    const model = await onnxRuntime().load(example(`${name}.onnx`));
    const outputs = await model.run(new Map([["input", encodeColumns(encoding, columnsOf(rows))]]));
    await model.close();
    const probabilities = outputs.get("probabilities")!.data as Float32Array;
    const labels = outputs.get("label")!.data as BigInt64Array;
    expect(probabilities.length).toBe(600);
    for (const [row, { p_1, y_pred }] of expected.entries()) {
      expect(Math.abs(probabilities[row * 2 + 1]! - Number(p_1))).toBeLessThan(1e-5);
      expect(labels[row]).toBe(BigInt(y_pred!));
    }
  });

  test("one applicant's decision is the committed one", async () => {
    const model = await onnxRuntime().load(example("logreg.onnx"));
    const outputs = await model.run(
      new Map([["input", { datatype: "FP32", shape: [1, 61], data: new Float32Array(61) }]]),
    );
    expect(outputs.get("label")!.data).toEqual(BigInt64Array.of(1n));
    expect((outputs.get("probabilities")!.data as Float32Array)[1]).toBeCloseTo(0.9701838, 5);
    await model.close();
  });

  test("describe their tensors", async () => {
    const model = await onnxRuntime().load(example("logreg.onnx"));
    expect(model.inputs).toEqual([{ name: "input", datatype: "FP32", shape: [-1, 61] }]);
    expect(model.outputs).toEqual([
      { name: "label", datatype: "INT64", shape: [-1] },
      { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
    ]);
    await model.close();
  });
});

describe("bytes that are no model", () => {
  test.each([
    ["none", new Uint8Array(0)],
    ["text", new TextEncoder().encode("not a model")],
    ["half a model", example("mlp.onnx").subarray(0, 4000)],
  ])("%s: a clear error", async (_what, bytes) => {
    await expect(onnxRuntime().load(bytes)).rejects.toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });

  test("a shape the model does not take is the caller's error", async () => {
    const model = await onnxRuntime().load(example("logreg.onnx"));
    const wrong = new Map([["input", { datatype: "FP32", shape: [1, 60], data: new Float32Array(60) }]]);
    await expect(model.run(wrong)).rejects.toThrow(expect.objectContaining({ code: "MALFORMED" }));
    await model.close();
  });
});
