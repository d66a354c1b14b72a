import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../core/ports.ts";
import { isCastellanError } from "../kit/errors.ts";
import { tensorFromBinary, tensorToBinary } from "./tensor-binary.ts";
import { tensorFromJson, tensorToJson } from "./tensor-json.ts";

const read = (datatype: string, shape: unknown, data: unknown): Tensor =>
  tensorFromJson({ datatype, shape, data }, 'input "x"');

/** Any valid tensor: datatype, shape and fitting elements. */
const anyTensor: fc.Arbitrary<Tensor> = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const of = <T>(datatype: string, item: fc.Arbitrary<T>, make: (items: T[]) => Tensor["data"]) =>
    fc.array(item, { minLength: count, maxLength: count }).map((items) => ({ datatype, shape, data: make(items) }));
  return fc.oneof(
    of("FP32", fc.float({ noNaN: true, noDefaultInfinity: true }), (items) => Float32Array.from(items)),
    of("FP64", fc.double({ noNaN: true, noDefaultInfinity: true }), (items) => Float64Array.from(items)),
    of("INT8", fc.integer({ min: -128, max: 127 }), (items) => Int8Array.from(items)),
    of("UINT16", fc.integer({ min: 0, max: 65_535 }), (items) => Uint16Array.from(items)),
    of("INT32", fc.integer(), (items) => Int32Array.from(items)),
    of("INT64", fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }), (items) => BigInt64Array.from(items)),
    of("BOOL", fc.nat(1), (items) => Uint8Array.from(items)),
    of("BYTES", fc.string({ unit: "grapheme" }), (items) => items),
  );
});

/** Row-major flat data nested as the shape says. */
function nest(flat: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return flat[0];
  const step = flat.length / (shape[0] || 1);
  return Array.from({ length: shape[0]! }, (_, row) => nest(flat.slice(row * step, (row + 1) * step), shape.slice(1)));
}

function sameTensor(a: Tensor, b: Tensor): void {
  expect(a.datatype).toBe(b.datatype);
  expect(a.shape).toEqual(b.shape);
  // -0 and 0 are one number in JSON.
  expect(Array.from(a.data as unknown as number[], (item) => item || 0)).toEqual(
    Array.from(b.data as unknown as number[], (item) => item || 0),
  );
}

describe("tensors in JSON", () => {
  test("what is written is read back the same", () => {
    fc.assert(
      fc.property(anyTensor, (tensor) =>
        sameTensor(tensorFromJson(JSON.parse(tensorToJson("x", tensor)), "x"), tensor),
      ),
    );
  });

  test("nested data means the same as flat data", () => {
    fc.assert(
      fc.property(anyTensor, (tensor) => {
        const { data } = JSON.parse(tensorToJson("x", tensor));
        if (tensor.shape.length === 0) return;
        sameTensor(read(tensor.datatype, tensor.shape, nest(data, tensor.shape)), tensor);
      }),
    );
  });

  test("any JSON at all gives a tensor or an error of ours, never another one", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.constantFrom("FP32", "INT64", "BYTES", "BOOL", "UINT8"),
        (shape, data, datatype) => {
          try {
            const tensor = read(datatype, shape, data);
            expect(tensor.data.length).toBe(tensor.shape.reduce((product, size) => product * size, 1));
          } catch (error) {
            if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ["a number that overflows FP32", "FP32", [1], [1e39]],
    ["null for a number", "FP32", [1], [null]],
    ["text for a number", "FP64", [1], ["1"]],
    ["a fraction for an integer", "INT32", [1], [1.5]],
    ["an integer that does not fit", "UINT8", [1], [256]],
    ["a negative unsigned integer", "UINT32", [1], [-1]],
    ["an integer that has lost digits", "INT64", [1], [2 ** 60]],
    ["text that is no INT64", "INT64", [1], ["9223372036854775808"]],
    ["1 for a boolean", "BOOL", [1], [1]],
    ["a number for BYTES", "BYTES", [1], [1]],
    ["too few elements", "FP32", [2, 2], [1, 2, 3]],
    ["too many elements", "FP32", [1], [1, 2]],
    ["ragged nesting", "FP32", [2, 2], [[1, 2], [3]]],
    [
      "nesting against the shape",
      "FP32",
      [2, 3],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    ["a negative dimension", "FP32", [-1], []],
    ["a fractional dimension", "FP32", [0.5], []],
    ["no shape", "FP32", undefined, [1]],
    ["no data", "FP32", [1], undefined],
  ])("%s is refused, naming the input", (_what, datatype, shape, data) => {
    expect(() => read(datatype, shape, data)).toThrow(/input "x"/);
  });

  test("64-bit integers beyond 2^53 keep all digits as text and on the way out", () => {
    const tensor = read("INT64", [2], ["9223372036854775807", "-9223372036854775808"]);
    expect(tensorToJson("x", tensor)).toContain("[9223372036854775807,-9223372036854775808]");
  });

  test("a huge shape is refused before anything is allocated, also behind a zero", () => {
    expect(() => read("FP32", [2 ** 31, 2 ** 31], [])).toThrow(/more than 16777216 elements/);
    expect(() => read("FP32", [0, 2 ** 31, 2 ** 31], [])).toThrow(/more than/);
    expect(() => read("FP32", [1, 1, 1, 1, 1, 1, 1, 1, 1], [1])).toThrow(/dimensions/);
  });

  test("an unknown datatype names the nearest one", () => {
    expect(() => read("FLOAT32", [1], [1])).toThrow(/"FLOAT32"/);
    expect(() => read("UINT46", [1], [1])).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED", next: "Did you mean UINT16?" }),
    );
  });

  test("NaN and infinity are not written as something else", () => {
    const tensor = { datatype: "FP32", shape: [2], data: Float32Array.of(1, Number.NaN) };
    expect(() => tensorToJson("p", tensor)).toThrow(/element 1 is NaN/);
  });
});

describe("tensors in bytes", () => {
  test("what is written is read back the same", () => {
    fc.assert(
      fc.property(anyTensor, (tensor) => sameTensor(tensorFromBinary(tensor, tensorToBinary(tensor), "x"), tensor)),
    );
  });

  test("the layout is little-endian, BYTES preceded by their length", () => {
    expect(tensorFromBinary({ datatype: "UINT16", shape: [2] }, Uint8Array.of(1, 0, 0, 1), "x").data).toEqual(
      Uint16Array.of(1, 256),
    );
    expect(tensorFromBinary({ datatype: "BYTES", shape: [1] }, Uint8Array.of(2, 0, 0, 0, 104, 105), "x").data).toEqual([
      "hi",
    ]);
  });

  test("bytes at an odd offset are read too", () => {
    const bytes = Uint8Array.of(9, 0, 0, 128, 63).subarray(1);
    expect(tensorFromBinary({ datatype: "FP32", shape: [1] }, bytes, "x").data).toEqual(Float32Array.of(1));
  });

  test.each([
    ["too few bytes", "FP32", [2], [0, 0, 0, 0]],
    ["too many bytes", "INT8", [1], [0, 0]],
    ["a boolean that is 2", "BOOL", [1], [2]],
    ["a text length beyond the end", "BYTES", [1], [255, 255, 255, 255]],
    ["a cut length", "BYTES", [1], [1, 0]],
    ["bytes after the last text", "BYTES", [1], [0, 0, 0, 0, 7]],
    ["text that is no UTF-8", "BYTES", [1], [1, 0, 0, 0, 255]],
  ])("%s is refused", (_what, datatype, shape, bytes) => {
    expect(() => tensorFromBinary({ datatype, shape }, Uint8Array.from(bytes), "x")).toThrow(
      expect.objectContaining({ code: "MALFORMED" }),
    );
  });
});
