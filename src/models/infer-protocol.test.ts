import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, textOf, utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { parseInferRequest, writeInferReply } from "./infer-protocol.ts";

const x = { name: "x", datatype: "FP32", shape: [1, 2], data: [[1, 2]] };
const parse = (document: unknown) => parseInferRequest(utf8(JSON.stringify(document)));

describe("an inference request", () => {
  test("carries id, inputs and wanted outputs", () => {
    const request = parse({ id: "7", inputs: [x], outputs: [{ name: "y", parameters: { binary_data: true } }] });
    expect(request.id).toBe("7");
    expect(request.inputs.get("x")?.data).toEqual(Float32Array.of(1, 2));
    expect(request.outputs).toEqual([{ name: "y", binary: true }]);
  });

  test("may carry tensors as bytes after the JSON, in order, beside tensors in JSON", () => {
    const head = utf8(
      JSON.stringify({
        inputs: [
          { name: "a", datatype: "INT8", shape: [2], parameters: { binary_data_size: 2 } },
          x,
          { name: "b", datatype: "BYTES", shape: [1], parameters: { binary_data_size: 6 } },
        ],
      }),
    );
    const request = parseInferRequest(
      concat(head, Uint8Array.of(1, 255), Uint8Array.of(2, 0, 0, 0, 104, 105)),
      head.length,
    );
    expect(request.inputs.get("a")?.data).toEqual(Int8Array.of(1, -1));
    expect(request.inputs.get("b")?.data).toEqual(["hi"]);
  });

  test.each([
    ["no inputs", {}],
    ["empty inputs", { inputs: [] }],
    ["an input without a name", { inputs: [{ ...x, name: undefined }] }],
    ["an input without a datatype", { inputs: [{ ...x, datatype: undefined }] }],
    ["the same input twice", { inputs: [x, x] }],
    ["an id that is no text", { id: 7, inputs: [x] }],
    ["outputs that are no array", { inputs: [x], outputs: {} }],
    ["more bytes announced than sent", { inputs: [{ ...x, data: undefined, parameters: { binary_data_size: 8 } }] }],
    ["data twice", { inputs: [{ ...x, parameters: { binary_data_size: 0 } }] }],
    ["an array", []],
    ["null", null],
  ])("%s is refused", (_what, document) => {
    expect(() => parse(document)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });

  test("bytes that belong to no input are refused", () => {
    const head = utf8(JSON.stringify({ inputs: [x] }));
    expect(() => parseInferRequest(concat(head, Uint8Array.of(1)), head.length)).toThrow(/belong to no input/);
    expect(() => parseInferRequest(head, head.length + 1)).toThrow(/within the body/);
    expect(() => parseInferRequest(head, Number.NaN)).toThrow(/within the body/);
  });

  test("a parameter called __proto__ changes nothing", () => {
    const body = utf8(
      `{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1],"parameters":{"__proto__":{"binary_data_size":4}}}]}`,
    );
    expect(parseInferRequest(body).inputs.get("x")?.data).toEqual(Float32Array.of(1));
  });

  test("any bytes give a request or an error of ours", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.json().map(utf8)),
        fc.option(fc.nat(64), { nil: undefined }),
        (body, length) => {
          try {
            parseInferRequest(body, length);
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
    );
  });
});

describe("an inference reply", () => {
  const results = new Map([
    ["label", { datatype: "INT64", shape: [1], data: BigInt64Array.of(1n) }],
    ["p", { datatype: "FP32", shape: [1, 2], data: Float32Array.of(0.25, 0.75) }],
  ]);
  const request = { id: "7", inputs: new Map(), outputs: undefined, binaryOutput: false };
  const model = { name: "credit", version: "ab" };

  test("holds every output, flat and row-major", () => {
    const { body, headerLength } = writeInferReply(model, request, results);
    expect(headerLength).toBeUndefined();
    expect(JSON.parse(textOf(body))).toEqual({
      model_name: "credit",
      model_version: "ab",
      id: "7",
      outputs: [
        { name: "label", datatype: "INT64", shape: [1], data: [1] },
        { name: "p", datatype: "FP32", shape: [1, 2], data: [0.25, 0.75] },
      ],
    });
  });

  test("holds only what was asked for, as bytes when asked", () => {
    const outputs = [{ name: "p", binary: true }];
    const { body, headerLength } = writeInferReply(model, { ...request, outputs }, results);
    const head = JSON.parse(textOf(body.subarray(0, headerLength)));
    expect(head.outputs).toEqual([{ name: "p", datatype: "FP32", shape: [1, 2], parameters: { binary_data_size: 8 } }]);
    expect(new Uint8Array(body.subarray(headerLength))).toEqual(new Uint8Array(Float32Array.of(0.25, 0.75).buffer));
  });

  test("an output the model lacks is named, with the nearest it has", () => {
    expect(() =>
      writeInferReply(model, { ...request, outputs: [{ name: "lable", binary: undefined }] }, results),
    ).toThrow(expect.objectContaining({ code: "NOT_FOUND", next: 'Did you mean "label"?' }));
  });
});
