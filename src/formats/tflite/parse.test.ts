import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { parseTflite } from "./parse.ts";
import { writeTflite } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseTflite(bytesSource(bytes), unmetered);
const written = (parts: Parameters<typeof writeTflite>[0]) => parse(writeTflite(parts));
const rules = (parts: Parameters<typeof writeTflite>[0]) =>
  written(parts).flaws.map(({ rule, severity }) => `${rule} ${severity}`);

describe("a TensorFlow Lite model", () => {
  test("of builtin operators is read to its end", () => {
    const file = written({ operators: [{ builtin: 3 }, { builtin: 117 }] });
    expect(file.operators.map(({ id }) => id)).toEqual(["builtin:CONV_2D", "builtin:HARD_SWISH"]);
    expect(file).toMatchObject({ tensors: 2, metadata: ["meta"], tail: undefined, flaws: [], gaps: [] });
  });

  test("is incomplete with operators nobody knows", () => {
    expect(written({ operators: [{ custom: "MyOp" }] }).gaps).toHaveLength(1);
    expect(written({ operators: [{ builtin: 5000 }] }).gaps).toHaveLength(1);
    expect(written({ operators: [{ custom: "TFLite_Detection_PostProcess" }] }).gaps).toEqual([]);
  });

  test("is judged by the TensorFlow operators it really runs", () => {
    expect(written({ operators: [{ flex: "MatMul" }] })).toMatchObject({
      operators: [{ known: { effect: "pure" } }],
      flaws: [],
      gaps: [],
    });
    expect(written({ operators: [{ flex: "WriteFile" }] }).operators[0]?.known?.effect).toBe("writes");
    const disguised = written({ operators: [{ flex: "MatMul", runs: "ReadFile" }] });
    expect(disguised.operators.map(({ known }) => known?.effect)).toEqual(["pure", "reads"]);
    expect(disguised.flaws).toMatchObject([{ rule: "flex-name", severity: "high" }]);
    expect(written({ operators: [{ custom: "FlexAdd", options: Buffer.from("nothing") }] }).gaps).toHaveLength(1);
    expect(written({ operators: [{ custom: "PyFunc" }] }).operators[0]?.known?.effect).toBe("executes");
  });

  test("may not use numbers that name nothing", () => {
    expect(rules({ opcode: 7 })).toEqual(["index high"]);
    expect(rules({ inputs: [9] })).toEqual(["index high"]);
    expect(rules({ inputs: [-2] })).toEqual(["index high"]);
    expect(rules({ inputs: [-1] })).toEqual([]);
  });

  test("may not have buffers outside the file or of the wrong size", () => {
    expect(rules({ buffer: { table: [undefined, { u64: 2n ** 40n }, { u64: 8n }] } })).toEqual(["bounds high"]);
    expect(rules({ buffer: { table: [{ bytes: Buffer.alloc(5) }] } })).toEqual(["size medium"]);
    expect(rules({ shape: [2 ** 30, 2 ** 30, 2 ** 30] })).toContain("shape high");
  });

  test("may not read its weights from elsewhere", () => {
    expect(rules({ external: "weights.bin" })).toEqual(["external-path low"]);
    expect(rules({ external: "../../etc/passwd" })).toEqual(["external-path high"]);
  });

  test("hands on what follows it", () => {
    const zip = Buffer.from("PK\u0003\u0004 and so on");
    expect(parse(Buffer.concat([writeTflite({}), zip]))).toMatchObject({ tail: { length: zip.length }, gaps: [] });
    expect(parse(Buffer.concat([writeTflite({}), Buffer.from("something else")])).gaps).toHaveLength(1);
    expect(parse(Buffer.concat([writeTflite({}), Buffer.alloc(7)]))).toMatchObject({ tail: undefined, gaps: [] });
  });
});

describe("the TensorFlow Lite parser", () => {
  test("finds nothing to say about a converted model", () => {
    const bytes = referenceModel("digits/fashion_cnn.tflite");
    if (!bytes) return;
    const { operators, flaws, gaps, tail } = parse(bytes);
    expect({ flaws, gaps, tail }).toEqual({ flaws: [], gaps: [], tail: undefined });
    expect(operators.every(({ known }) => known?.effect === "pure")).toBe(true);
  });

  test("survives any damage", () => {
    const originals = [
      writeTflite({ operators: [{ builtin: 3 }, { flex: "MatMul" }] }),
      referenceModel("digits/fashion_cnn.tflite"),
    ].filter((bytes) => bytes !== undefined);
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original, 4000), (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED")).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    }
  });

  test("ends on tables that point at each other in circles or share a million elements", () => {
    const bytes = Buffer.from(writeTflite({}));
    const start = performance.now();
    for (let at = 8; at + 4 <= bytes.length; at += 4) {
      const copy = Buffer.from(bytes);
      copy.writeUInt32LE(1_000_000, at);
      parse(copy);
    }
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
