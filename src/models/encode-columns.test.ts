import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../core/ports.ts";
import { encodeColumns } from "./encode-columns.ts";
import { parseFeatureEncoding } from "./feature-encoding.ts";

const encoding = parseFeatureEncoding(
  JSON.stringify({
    version: 1,
    input: "input",
    columns: [
      { column: "age", kind: "number" },
      { column: "housing", kind: "one-hot", levels: ["rent", "own", "free"] },
      { column: "purpose", kind: "one-hot", levels: ["car"], unlisted: "zeros" },
    ],
  }),
);

const numbers = (...data: number[]): Tensor => ({
  datatype: "FP64",
  shape: [data.length],
  data: Float64Array.from(data),
});
const texts = (...data: string[]): Tensor => ({ datatype: "BYTES", shape: [data.length], data });
const row = (change: Record<string, Tensor> = {}) =>
  new Map(Object.entries({ age: numbers(30), housing: texts("own"), purpose: texts("car"), ...change }));

describe("raw columns", () => {
  test("become one row-major tensor in declared order, whatever order they came in", () => {
    const columns = new Map(
      [...row({ age: numbers(30, 40), housing: texts("own", "rent"), purpose: texts("boat", "car") })].toReversed(),
    );
    const tensor = encodeColumns(encoding, columns);
    expect(tensor.shape).toEqual([2, 5]);
    expect([...(tensor.data as Float32Array)]).toEqual([30, 0, 1, 0, 0, 40, 1, 0, 0, 1]);
  });

  test("may be [N, 1] and of any numeric datatype", () => {
    const age = { datatype: "INT64", shape: [1, 1], data: BigInt64Array.of(30n) };
    expect(encodeColumns(encoding, row({ age })).data[0]).toBe(30);
  });

  test("decode back to what they were", () => {
    const level = fc.constantFrom("rent", "own", "free");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), level), { minLength: 1, maxLength: 20 }),
        (rows) => {
          const tensor = encodeColumns(
            encoding,
            row({
              age: numbers(...rows.map(([age]) => age)),
              housing: texts(...rows.map(([, housing]) => housing)),
              purpose: texts(...rows.map(() => "car")),
            }),
          );
          const back = rows.map((_, index) => {
            const features = [...(tensor.data as Float32Array)].slice(index * 5, index * 5 + 5);
            expect(features.slice(1).reduce((sum, one) => sum + one)).toBe(2);
            return [features[0], ["rent", "own", "free"][features.indexOf(1, 1) - 1]];
          });
          expect(back).toEqual(rows);
        },
      ),
    );
  });

  test.each([
    [
      "an unknown column names the nearest",
      { hosing: texts("own") },
      ["housing"],
      /"hosing"/,
      'Did you mean "housing"?',
    ],
    ["a missing column is named", {}, ["age"], /Column "age" is missing/, /one input per column/],
    [
      "an unknown level names column and row",
      { age: numbers(1, 2), housing: texts("own", "wn"), purpose: texts("car", "car") },
      [],
      /"housing", row 1: "wn"/,
      'Did you mean "own"?',
    ],
    ["a category for a number", { age: texts("30") }, [], /"age" is a number, but row 0 came as BYTES/, /FP32/],
    ["a number for a category", { housing: numbers(1) }, [], /"housing" is a category/, /rent, own, free/],
    ["columns of unequal length", { age: numbers(1, 2) }, [], /"housing" has 1 rows, column "age" has 2/, undefined],
    [
      "a column with two features",
      { age: { datatype: "FP32", shape: [1, 2], data: Float32Array.of(1, 2) } },
      [],
      /a column is \[N\]/,
      undefined,
    ],
    ["a number too large for FP32", { age: numbers(1e300) }, [], /row 0: 1e\+300/, undefined],
  ] as const)("%s", (_what, change, removed, message, next) => {
    const columns = row(change);
    for (const name of removed) columns.delete(name);
    expect(() => encodeColumns(encoding, columns)).toThrow(
      expect.objectContaining({
        code: "MALFORMED",
        message: expect.stringMatching(message),
        ...(next === undefined ? {} : { next: expect.stringMatching(next) }),
      }),
    );
  });
});

describe("encoding.json", () => {
  const good = { version: 1, input: "input", columns: [{ column: "a", kind: "number" }] };
  test.each([
    ["another version", { ...good, version: 2 }, "UNSUPPORTED"],
    ["an unknown member", { ...good, colums: [] }, "MALFORMED"],
    ["no columns", { ...good, columns: [] }, "LIMIT"],
    ["a column twice", { ...good, columns: [...good.columns, ...good.columns] }, "MALFORMED"],
    ["a column named like the input", { ...good, columns: [{ column: "input", kind: "number" }] }, "MALFORMED"],
    ["an unknown kind", { ...good, columns: [{ column: "a", kind: "ordinal" }] }, "UNSUPPORTED"],
    ["repeated levels", { ...good, columns: [{ column: "a", kind: "one-hot", levels: ["x", "x"] }] }, "MALFORMED"],
    ["no levels", { ...good, columns: [{ column: "a", kind: "one-hot", levels: [] }] }, "MALFORMED"],
    ["levels that are no text", { ...good, columns: [{ column: "a", kind: "one-hot", levels: [1] }] }, "MALFORMED"],
  ])("%s is refused", (_what, document, code) => {
    expect(() => parseFeatureEncoding(JSON.stringify(document))).toThrow(expect.objectContaining({ code }));
  });
});
