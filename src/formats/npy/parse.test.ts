import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { sparseSource } from "../reading/testing/sparse.ts";
import { parseNpy } from "./parse.ts";
import { npyHeader, writeNpy } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseNpy(bytesSource(bytes), unmetered);
const one = (descr: string, shape: string, data: number) => parse(writeNpy(npyHeader(descr, shape), data));

describe("a .npy file", () => {
  test("of plain numbers, text, dates and records is read to the last byte", () => {
    for (const [descr, shape, data] of [
      ["'<f4'", "(3, 2)", 24],
      ["'>i8'", "()", 8],
      ["'|b1'", "(0, 7)", 0],
      ["'<U5'", "(2,)", 40],
      ["'|S3'", "(2,)", 6],
      ["'<M8[ns]'", "(2,)", 16],
      ["'|V12'", "(1L,)", 12],
      ["[('a', '<f8'), (('title', 'b'), '|u1', (2, 2)), ('c', [('d', '<c8')])]", "(2,)", 40],
      ["('<f4', (3,))", "(2,)", 24],
    ] as const) {
      const { arrays, inner, flaws, gaps } = one(descr, shape, data);
      expect({ descr, arrays: arrays.length, inner, flaws, gaps }).toEqual({
        descr,
        arrays: 1,
        inner: [],
        flaws: [],
        gaps: [],
      });
    }
    for (const version of [2, 3] as const) {
      const { flaws, gaps } = parse(writeNpy(npyHeader("'<f4'", "(3,)"), 12, version));
      expect({ flaws, gaps }).toEqual({ flaws: [], gaps: [] });
    }
  });

  test("hands the pickle of an object array on, wherever the objects stand in the dtype", () => {
    for (const descr of [
      "'|O'",
      "'O8'",
      "[('a', '<i4'), ('b', 'O')]",
      "[('a', [('b', '|O', (2,))])]",
      "('|O', (2,))",
    ]) {
      const { inner, gaps } = one(descr, "(2,)", 50);
      expect(inner, descr).toMatchObject([{ name: "objects-0.pkl", length: 50 }]);
      expect(gaps).toEqual([]);
    }
  });

  test("whose dtype NumPy would accept but never writes is handed on and not called complete", () => {
    for (const descr of [
      "'object'",
      "'O,i4'",
      "'float32'",
      "None",
      "{'names': ['a'], 'formats': ['O']}",
      "'<f3'",
      "7",
    ]) {
      const { inner, gaps } = one(descr, "(2,)", 50);
      expect(inner, descr).toHaveLength(1);
      expect(gaps, descr).toHaveLength(1);
    }
  });

  test("may hold several arrays, but nothing else after them", () => {
    const array = writeNpy(npyHeader("'<f4'", "(2,)"), 8);
    expect(parse(Buffer.concat([array, array, array]))).toMatchObject({ arrays: [{}, {}, {}], gaps: [], flaws: [] });
    const { inner, gaps, flaws } = parse(Buffer.concat([array, Buffer.from("cos\nsystem\n.")]));
    expect(inner).toEqual([{ name: "trailing", offset: 136, length: 12 }]);
    expect([gaps.length, flaws.length]).toEqual([1, 1]);
  });

  test("may not promise more than it holds", () => {
    expect(one("'<f4'", "(4,)", 8).gaps).toHaveLength(1);
    expect(one("'<f8'", `(${2 ** 32}, ${2 ** 31})`, 8).gaps).toHaveLength(1);
    expect(one("'<f8'", "(4294967296, 4294967296, 4294967296)", 8).gaps).toHaveLength(1);
    expect(one("'<f4'", "(-1,)", 8).gaps).toHaveLength(1);
  });

  test("with code where its header belongs is dangerous, and none of it is run", () => {
    for (const header of [
      "__import__('os').system('x')",
      "{'descr': exec('x'), 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} or 1",
      "{'descr': '<f4', 'fortran_order': False, 'shape': tuple([1])}",
      "{'descr': f'<f4', 'fortran_order': False, 'shape': (1,)}",
      "[x for x in y]",
    ]) {
      const { flaws, gaps } = parse(writeNpy(header, 4));
      expect(flaws, header).toMatchObject([{ rule: "header", severity: "high" }]);
      expect(gaps.length, header).toBeGreaterThan(0);
    }
  });

  test("with a header of unusual size or unusual keys says so", () => {
    const long = `{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }${" ".repeat(20_000)}`;
    expect(parse(writeNpy(long, 4)).flaws).toMatchObject([{ rule: "header-length" }]);
    const extra = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}";
    expect(parse(writeNpy(extra, 4)).flaws).toMatchObject([{ rule: "header" }]);
    const twice = "{'descr': '<f4', 'descr': 'O', 'fortran_order': False, 'shape': (1,)}";
    expect(parse(writeNpy(twice, 4)).flaws).toMatchObject([{ rule: "header" }]);
    expect(parse(writeNpy("{'shape': (1,)}", 4)).gaps).toHaveLength(1);
  });
});

describe("the .npy parser", () => {
  test("finds nothing to say about files NumPy wrote", () => {
    for (const name of [
      "array_big_endian_i4",
      "array_f32",
      "array_f32_fortran",
      "array_structured",
      "array_uint8_3d",
    ]) {
      const bytes = referenceModel(`misc/${name}.npy`);
      if (!bytes) return;
      expect(parse(bytes)).toMatchObject({ arrays: [{}], inner: [], flaws: [], gaps: [] });
    }
  });

  test("survives any damage with its own errors only", () => {
    const originals = [
      writeNpy(npyHeader("[('a', '<f8'), (('t', 'b'), '|O', (2, 2))]", "(2, 3)"), 30),
      writeNpy(npyHeader("'<f4'", "(2, 3)"), 24, 3),
      referenceModel("misc/array_structured.npy"),
    ].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original, 200), (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED", "LIMIT", "UNSUPPORTED")).toBe(true);
          }
        }),
        { numRuns: 400 },
      );
    }
  });

  test("reads no elements, however many there are", () => {
    const size = 30 * 1024 ** 3;
    const head = writeNpy(npyHeader("'|u1'", `(${size - 128},)`), 0);
    const source = sparseSource(size, [{ at: 0, bytes: head }]);
    expect(parseNpy(source, unmetered)).toMatchObject({ flaws: [], gaps: [] });
    expect(source.bytesRead()).toBeLessThan(1024 * 1024);
  });
});
