import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { sparseSource } from "../reading/testing/sparse.ts";
import { parseSafetensors } from "./parse.ts";
import { twoTensors, writeSafetensors } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseSafetensors(bytesSource(bytes), unmetered);
const rules = (header: string | object, dataLength: number, stated?: bigint) =>
  parse(writeSafetensors(header, dataLength, stated)).flaws.map(({ rule, severity }) => `${rule} ${severity}`);
const tensor = (begin: number, end: number) => ({ dtype: "U8", shape: [end - begin], data_offsets: [begin, end] });

describe("a safetensors header", () => {
  test("of a valid file is read with nothing left over", () => {
    const { tensors, metadata, flaws, gaps } = parse(twoTensors());
    expect(tensors.map(({ name, dtype, shape, begin, end }) => [name, dtype, shape, begin, end])).toEqual([
      ["a", "F32", [2, 3], 0, 24],
      ["b", "U8", [5], 24, 29],
    ]);
    expect([...metadata]).toEqual([["format", "pt"]]);
    expect({ flaws, gaps }).toEqual({ flaws: [], gaps: [] });
  });

  test("may hold empty tensors, sub-byte dtypes, and spaces at its end", () => {
    expect(rules(`${JSON.stringify({ e: tensor(0, 0), f: tensor(0, 3) })}     `, 3)).toEqual([]);
    expect(rules({ q: { dtype: "F4", shape: [3, 2], data_offsets: [0, 3] } }, 3)).toEqual([]);
    expect(rules({}, 0)).toEqual([]);
  });

  test("may not name anything twice, at any level", () => {
    const one = JSON.stringify(tensor(0, 4));
    expect(rules(`{"a":${one},"a":${one}}`, 4)).toContain("duplicate-key high");
    expect(rules(`{"a":${one},"\\u0061":${one}}`, 4)).toContain("duplicate-key high");
    expect(rules('{"a":{"dtype":"U8","dtype":"U8","shape":[4],"data_offsets":[0,4]}}', 4)).toEqual([
      "duplicate-key high",
    ]);
    expect(rules(`{"__metadata__":{"x":"1","x":"2"},"a":${one}}`, 4)).toEqual(["duplicate-key high"]);
  });

  test("may not let tensors overlap, leave holes, or end before or after the file does", () => {
    expect(rules({ a: tensor(0, 4), b: tensor(2, 6) }, 6)).toEqual(["overlap high"]);
    expect(rules({ a: tensor(0, 4), b: tensor(5, 6) }, 6)).toEqual(["hole high"]);
    expect(rules({ a: tensor(1, 4) }, 4)).toEqual(["hole high"]);
    expect(rules({ a: tensor(0, 4) }, 9)).toEqual(["hole high"]);
    expect(rules({ a: tensor(0, 4) }, 3)).toEqual(["beyond-end medium"]);
    expect(rules({ a: tensor(0, 4), b: tensor(2 ** 40, 2 ** 40 + 4) }, 4)).toContain("beyond-end high");
    expect(parse(writeSafetensors({ a: tensor(0, 4) }, 9)).gaps).toEqual([
      { why: "5 bytes after offset 65 belong to no tensor", offset: 65, length: 5 },
    ]);
  });

  test("must give each tensor exactly the bytes its shape needs", () => {
    expect(rules({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4)).toEqual(["size high"]);
    const wraps = { dtype: "F32", shape: [2 ** 32, 2 ** 32, 4], data_offsets: [0, 0] };
    expect(rules({ a: wraps }, 0)).toEqual(["size high"]);
    expect(rules({ a: { dtype: "U8", shape: [4], data_offsets: [4, 0] } }, 4)).toContain("offsets high");
  });

  test("takes only whole, non-negative, safe numbers", () => {
    for (const bad of ["-1", "1.0", "1e3", "9007199254740993", "18446744073709551616"]) {
      expect(rules(`{"a":{"dtype":"U8","shape":[${bad}],"data_offsets":[0,1]}}`, 1)).toContain("bad-integer high");
      expect(rules(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,${bad}]}}`, 1)).toContain("bad-integer high");
    }
  });

  test("is at most 100 MB and lies inside the file", () => {
    expect(rules({}, 0, 100_000_001n)).toEqual(["header-length high"]);
    expect(rules({}, 0, 2n ** 64n - 1n)).toEqual(["header-length high"]);
    expect(rules({}, 0, 3n)).toEqual(["header-length high"]);
    expect(parse(writeSafetensors({}, 0, 3n)).gaps).toHaveLength(1);
  });

  test("begins with its object and is padded with spaces only", () => {
    expect(rules(' {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1)).toEqual(["header-start high"]);
    expect(rules("\ufeff{}", 0)).toContain("header-start high");
    expect(rules("{}\n\n", 0)).toEqual(["header-padding medium"]);
    expect(rules("{}x", 0)).toContain("header-json medium");
  });

  test("with an unknown dtype, an unknown field or metadata that is not text is never complete and clean", () => {
    for (const header of [
      { a: { dtype: "Q9", shape: [1], data_offsets: [0, 1] } },
      { a: { dtype: "U8", shape: [1], data_offsets: [0, 1], loader: "x" } },
      { __metadata__: { a: 1 }, a: tensor(0, 1) },
      { a: { dtype: "U8", shape: [1] } },
      { a: "U8" },
    ]) {
      const { flaws } = parse(writeSafetensors(header, 1));
      expect(flaws.length).toBeGreaterThan(0);
    }
    expect(parse(writeSafetensors({ a: { dtype: "Q9", shape: [1], data_offsets: [0, 1] } }, 1)).gaps).toHaveLength(1);
  });

  test("that is not JSON, or not UTF-8, leaves a gap", () => {
    for (const header of ["{", '{"a"', '{"a":}', "[]", "{,}", '{"a":{},}', '{"\u0001":1}', "{'a':1}", '{"a":tru}']) {
      expect(parse(writeSafetensors(header, 0)).gaps.length, header).toBeGreaterThan(0);
    }
    const bytes = twoTensors();
    bytes[12] = 0xff;
    expect(parse(bytes).gaps.length).toBeGreaterThan(0);
  });
});

describe("the safetensors parser", () => {
  test("finds nothing to say about files the library wrote", () => {
    for (const path of ["digits/fashion_cnn.safetensors", "llm/model.safetensors"]) {
      const bytes = referenceModel(path);
      if (!bytes) return;
      const { tensors, flaws, gaps } = parse(bytes);
      expect(tensors.length).toBeGreaterThan(7);
      expect({ path, flaws, gaps }).toEqual({ path, flaws: [], gaps: [] });
    }
  });

  test("survives any damage, and never calls a file sound whose bytes it did not cover", () => {
    const originals = [twoTensors(), referenceModel("llm/model.safetensors")].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original, 3000), (bytes) => {
          try {
            const { tensors, headerLength, flaws, gaps } = parse(bytes);
            if (flaws.length > 0 || gaps.length > 0) return;
            const covered = tensors.reduce((sum, { begin, end }) => sum + end - begin, 0);
            expect(8 + headerLength + covered).toBe(bytes.length);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED")).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  test("reads only the header of a file of many gigabytes", () => {
    const size = 40 * 1024 ** 3;
    const small = writeSafetensors({ w: { dtype: "U8", shape: [size - 200], data_offsets: [0, size - 200] } }, 0);
    const padded = Buffer.alloc(200, " ");
    padded.set(small);
    padded.writeBigUInt64LE(192n, 0);
    const source = sparseSource(size, [{ at: 0, bytes: padded }]);
    expect(parseSafetensors(source, unmetered)).toMatchObject({ flaws: [], gaps: [] });
    expect(source.bytesRead()).toBeLessThan(1024 * 1024);
  });
});
