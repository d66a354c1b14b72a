import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { sparseSource } from "../reading/testing/sparse.ts";
import { parseGguf } from "./parse.ts";
import { writeGguf } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseGguf(bytesSource(bytes), unmetered);
const written = (parts: Parameters<typeof writeGguf>[0]) => parse(writeGguf(parts));
const rules = (parts: Parameters<typeof writeGguf>[0]) =>
  written(parts).flaws.map(({ rule, severity }) => `${rule} ${severity}`);
const f32 = (name: string, dimensions: readonly (number | bigint)[], offset: number | bigint) => ({
  name,
  dimensions,
  type: 0,
  offset,
});
const sample = (version: 1 | 2 | 3, bigEndian = false) => ({
  version,
  bigEndian,
  metadata: [
    ["general.architecture", { type: "string", value: "llama" }],
    ["general.alignment", { type: "u32", value: 32 }],
    ["tokenizer.ggml.tokens", { type: "strings", value: ["a", "b", "ü"] }],
    ["tokenizer.ggml.add_bos_token", { type: "bool", value: true }],
    ["tokenizer.chat_template", { type: "string", value: "{{ messages }}" }],
    ["tokenizer.chat_template.tool_use", { type: "string", value: "{{ tools }}" }],
  ] as const,
  tensors: [f32("a", [8, 2], 0), { name: "b", dimensions: [32], type: 8, offset: 64 }],
  data: Buffer.concat([Buffer.alloc(64 + 34, 5), Buffer.alloc(30)]),
});

describe("a GGUF file", () => {
  test("of every version and byte order is read to the last byte", () => {
    for (const parts of [sample(1), sample(2), sample(3), sample(3, true)]) {
      const file = written(parts);
      expect({ flaws: file.flaws, gaps: file.gaps }).toEqual({ flaws: [], gaps: [] });
      expect([file.version, file.bigEndian]).toEqual([parts.version, parts.bigEndian]);
      expect(file.metadata.map(({ value }) => ("value" in value ? value.value : value))).toEqual([
        "llama",
        32,
        { type: "array", element: 8, count: 3 },
        true,
        "{{ messages }}",
        "{{ tools }}",
      ]);
      expect(file.tensors.map(({ name }) => name)).toEqual(["a", "b"]);
    }
  });

  test("hands on the place of every template, conditional and repeated ones included", () => {
    const bytes = writeGguf({
      metadata: [
        ["tokenizer.chat_template", { type: "string", value: "one" }],
        ["tokenizer.chat_template.rag", { type: "string", value: "two" }],
        ["tokenizer.chat_template", { type: "string", value: "three" }],
      ],
    });
    const { templates, flaws } = parse(bytes);
    expect(
      templates.map(({ offset, length }) => Buffer.from(bytes.subarray(offset, offset + length)).toString()),
    ).toEqual(["one", "two", "three"]);
    expect(flaws.map(({ rule }) => rule)).toEqual(["duplicate-name"]);
  });

  test("with a template that is no string leaves a gap", () => {
    const parts = { metadata: [["tokenizer.chat_template", { type: "strings", value: ["{{ x }}"] }]] as const };
    expect(written(parts).gaps).toHaveLength(1);
  });

  test("may not state counts or lengths that the file has no room for", () => {
    expect(rules({ tensorCount: 2n ** 62n })).toEqual(["length high"]);
    expect(rules({ entryCount: 2n ** 64n - 1n })).toEqual(["length high"]);
    const text = Buffer.alloc(12);
    text.writeUInt32LE(8, 0);
    text.writeBigUInt64LE(2n ** 64n - 1n, 4);
    expect(rules({ metadata: [["k", { type: "raw", bytes: text }]] })).toEqual(["length high"]);
    const array = Buffer.alloc(16);
    array.writeUInt32LE(9, 0);
    array.writeUInt32LE(4, 4);
    array.writeBigUInt64LE(2n ** 62n, 8);
    expect(rules({ metadata: [["k", { type: "raw", bytes: array }]] })).toEqual(["length high"]);
  });

  test("may not use value types that do not exist, or nest arrays without end", () => {
    expect(rules({ metadata: [["k", { type: "raw", bytes: Uint8Array.from([99, 0, 0, 0]) }]] })).toEqual([
      "value-type high",
    ]);
    const level = Buffer.from("090000000100000000000000", "hex");
    const nested = Buffer.concat([Buffer.from("09000000", "hex"), ...Array.from({ length: 50 }, () => level)]);
    expect(written({ metadata: [["k", { type: "raw", bytes: nested }]] }).gaps).toHaveLength(1);
  });

  test("may not name a tensor twice or let tensors overlap, overflow or leave the file", () => {
    expect(rules({ tensors: [f32("a", [8], 0), f32("a", [8], 32)], data: 64 })).toEqual(["duplicate-name high"]);
    expect(rules({ tensors: [f32("a", [16], 0), f32("b", [8], 32)], data: 64 })).toEqual(["overlap high"]);
    expect(rules({ tensors: [f32("a", [2n ** 33n, 2n ** 33n], 0)], data: 64 })).toContain("shape high");
    expect(rules({ tensors: [{ name: "q", dimensions: [33], type: 8, offset: 0 }], data: 64 })).toContain("shape high");
    expect(rules({ tensors: [f32("a", [8], 2n ** 50n)], data: 32 })).toContain("beyond-end high");
    expect(rules({ tensors: [f32("a", [8], 2n ** 64n - 32n)], data: 32 })).toContain("beyond-end high");
    expect(rules({ tensors: [f32("a", [1, 1, 1, 1, 1], 0)], data: 32 })).toEqual(["dimensions high"]);
    expect(rules({ tensors: [f32("a", [16], 0)], data: 32 })).toEqual(["beyond-end medium"]);
    expect(rules({ tensors: [f32("a", [8], 4)], data: 64 })).toContain("alignment medium");
  });

  test("may not carry bytes that belong to no tensor", () => {
    expect(written({ tensors: [f32("a", [8], 0)], data: 4096 }).gaps).toHaveLength(1);
    expect(written({ tensors: [f32("a", [8], 0), f32("b", [8], 256)], data: 288 }).gaps).toHaveLength(1);
    expect(written({ tensors: [f32("a", [7], 0), f32("b", [8], 32)], data: 64 }).flaws).toMatchObject([
      { rule: "padding" },
    ]);
  });

  test("must state an alignment that is a power of two", () => {
    for (const value of [0, 3, 48]) {
      expect(rules({ metadata: [["general.alignment", { type: "u32", value }]] })).toEqual(["alignment-value high"]);
    }
    expect(rules({ metadata: [["general.alignment", { type: "string", value: "32" }]] })).toEqual([
      "alignment-value high",
    ]);
  });

  test("with a tensor type nobody knows is incomplete", () => {
    const { gaps } = written({ tensors: [{ name: "x", dimensions: [4], type: 77, offset: 0 }], data: 32 });
    expect(gaps).toHaveLength(1);
  });
});

describe("the GGUF parser", () => {
  test("finds nothing to say about files that gguf's own writer wrote", () => {
    for (const path of ["llm/tiny-llama-f16.gguf", "llm/tiny-llama-q8_0.gguf"]) {
      const bytes = referenceModel(path);
      if (!bytes) return;
      const { tensors, templates, flaws, gaps } = parse(bytes);
      expect([tensors.length, templates.length]).toEqual([21, 1]);
      expect({ flaws, gaps }).toEqual({ flaws: [], gaps: [] });
    }
  });

  test("survives any damage with its own errors only", () => {
    const originals = [
      ...[sample(1), sample(3), sample(3, true)].map(writeGguf),
      referenceModel("llm/tiny-llama-q8_0.gguf"),
    ].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original, 9000), (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED", "UNSUPPORTED", "LIMIT")).toBe(true);
          }
        }),
        { numRuns: 200 },
      );
    }
  });

  test("needs no more memory for a file of many gigabytes", () => {
    const size = 64 * 1024 ** 3;
    const head = writeGguf({ tensors: [f32("w", [2 ** 30, 12], 0)] });
    const source = sparseSource(size, [{ at: 0, bytes: head }]);
    const { gaps } = parseGguf(source, unmetered);
    expect(gaps).toHaveLength(1); // the rest of the file belongs to nothing
    expect(source.bytesRead()).toBeLessThan(1024 * 1024);
  });
});
