import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { hasExternalData } from "./onnx-external.ts";

const varint = (value: number): Uint8Array =>
  value < 128 ? Uint8Array.of(value) : concat(Uint8Array.of((value & 0x7f) | 0x80), varint(value >> 7));
/** A protobuf field holding bytes. */
const field = (number: number, ...content: Uint8Array[]): Uint8Array => {
  const bytes = concat(...content);
  return concat(varint(number * 8 + 2), varint(bytes.length), bytes);
};
const external = field(13, field(1, utf8("location")), field(2, utf8("/etc/passwd")));
const reversed = field(13, field(2, utf8("/etc/passwd")), field(1, utf8("location")));
const flag = Uint8Array.of(14 * 8, 1);

describe("an ONNX model", () => {
  test("made of its own bytes only is taken", () => {
    for (const name of ["logreg", "mlp"]) {
      expect(hasExternalData(readFileSync(new URL(`../../examples/credit/${name}.onnx`, import.meta.url)))).toBe(false);
    }
  });

  test.each([
    ["an initializer", field(7, field(5, external))],
    ["an initializer with the entries turned round", field(7, field(5, reversed))],
    ["an initializer that only has the flag", field(7, field(5, flag))],
    ["a constant node's attribute", field(7, field(1, field(5, field(5, external))))],
    ["a subgraph", field(7, field(1, field(5, field(6, field(5, external)))))],
    ["a sparse initializer", field(7, field(15, field(1, external)))],
    ["a function body", field(25, field(7, field(5, field(5, external))))],
    ["training information", field(20, field(1, field(5, external)))],
  ])("that reads other files through %s is caught", (_where, model) => {
    expect(hasExternalData(model)).toBe(true);
  });

  test("nested without end is refused, not followed", () => {
    let inner: Uint8Array = new Uint8Array(0);
    for (let depth = 0; depth < 100; depth++) inner = field(1, field(5, field(6, inner)));
    expect(() => hasExternalData(field(7, inner))).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });

  test("any bytes are judged or refused with an error of ours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          hasExternalData(bytes);
        } catch (error) {
          if (!isCastellanError(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
