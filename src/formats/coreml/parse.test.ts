import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { proto } from "../protobuf/testing/write.ts";
import { unmetered } from "../reading/meter.ts";
import { mutations } from "../reading/testing/mutations.ts";
import { parseCoreml } from "./parse.ts";
import { coreml, customLayer, mlProgram, network } from "./testing/write.ts";

const parse = (bytes: Uint8Array) => parseCoreml(bytesSource(bytes), unmetered);
const rules = (bytes: Uint8Array) => parse(bytes).flaws.map(({ rule, severity }) => `${rule} ${severity}`);
const linked = (path: string) => coreml([556, proto([1, proto([1, proto([1, path])])])]);

describe("a Core ML model", () => {
  test("of Apple's own types has nothing to say", () => {
    for (const bytes of [
      coreml([604, proto()]),
      coreml([500, network()]),
      mlProgram("@model_path/weights/weight.bin"),
      coreml([202, proto([1, coreml([604, proto()])], [2, "a"])]),
    ]) {
      expect({ flaws: parse(bytes).flaws, gaps: parse(bytes).gaps }).toEqual({ flaws: [], gaps: [] });
    }
    expect(parse(mlProgram("@model_path/weights/weight.bin")).files).toEqual(["@model_path/weights/weight.bin"]);
  });

  test("is incomplete when it needs the application's code, wherever that hides", () => {
    const branch = proto([1, proto([1, "b"], [605, proto([2, network(customLayer("Evil"))])])]);
    const loop = proto([1, proto([1, "l"], [615, proto([4, network(customLayer("Evil"))])])]);
    for (const bytes of [
      coreml([555, proto([10, "Evil"])]),
      coreml([500, network(customLayer("Evil"))]),
      coreml([403, network(customLayer("Evil"))]),
      coreml([500, branch]),
      coreml([303, loop]),
      coreml([202, proto([1, coreml([200, proto([1, proto([1, coreml([555, proto([10, "Evil"])])])])])])]),
    ]) {
      const file = parse(bytes);
      expect(file.flaws.map(({ why }) => why.includes('"Evil"'))).toEqual([true]);
      expect(file.gaps).toHaveLength(1);
    }
  });

  test("may not link or read what lies outside", () => {
    expect(rules(linked("Other.mlmodelc"))).toEqual(["linked-model medium"]);
    expect(rules(linked("../../Other.mlmodelc"))).toEqual(["linked-model high"]);
    expect(rules(mlProgram("@model_path/../../secret"))).toEqual(["weights-path high"]);
    expect(rules(mlProgram("/etc/passwd"))).toEqual(["weights-path high"]);
  });

  test("has one type, and no fields of its own invention", () => {
    expect(rules(Buffer.concat([coreml([604, proto()]), proto([500, network()])]))).toEqual(["two-models medium"]);
    expect(parse(Buffer.concat([coreml([604, proto()]), proto([77, "x"])])).gaps).toHaveLength(1);
    expect(parse(coreml([3000, proto([2, "x"])])).gaps).toHaveLength(1);
  });

  test("survives any damage", () => {
    const originals = [
      coreml([500, network(customLayer("A"))]),
      mlProgram("@model_path/weights/weight.bin"),
      linked("a/b"),
    ];
    for (const original of originals) {
      fc.assert(
        fc.property(mutations(original), (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            expect(isCastellanError(error, "MALFORMED")).toBe(true);
          }
        }),
        { numRuns: 200 },
      );
    }
    let deep = coreml([604, proto()]);
    for (let level = 0; level < 60; level++) deep = coreml([202, proto([1, deep])]);
    expect(parse(deep).gaps).toHaveLength(1);
  });
});
