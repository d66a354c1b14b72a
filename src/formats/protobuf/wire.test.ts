import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { MessageReader } from "./read.ts";
import { message } from "./schema.ts";
import { proto, varintBytes } from "./testing/write.ts";
import { wireFields } from "./wire.ts";

const fieldsOf = (bytes: Uint8Array) => [
  ...wireFields(new Window(bytesSource(bytes), "test"), 0, bytes.length, unmetered),
];
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("protobuf's wire format", () => {
  test("reads back what was written", () => {
    // The specification's own examples.
    expect(fieldsOf(hex("08 96 01"))).toMatchObject([{ number: 1, wire: 0, value: 150 }]);
    expect(fieldsOf(hex("12 07 74 65 73 74 69 6e 67"))).toMatchObject([{ number: 2, wire: 2, start: 2, end: 9 }]);
    expect(fieldsOf(hex("0d 00 00 80 3f 11 00 00 00 00 00 00 f0 3f"))).toMatchObject([{ wire: 5 }, { wire: 1 }]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 29 - 1 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))),
        (values) => {
          const read = fieldsOf(proto(...values)).map(({ number, value }) => [number, BigInt(value)]);
          expect(read).toEqual(values);
        },
      ),
    );
  });

  test("walks groups, nested ones too", () => {
    expect(fieldsOf(hex("0b 08 01 13 14 0c 10 05"))).toMatchObject([
      { number: 1, wire: 3, start: 1, end: 5 },
      { number: 2, value: 5 },
    ]);
  });

  test.each([
    "00 00",
    "0e",
    "0f 00",
    "08",
    "08 80",
    "12 05 61",
    "0d 00",
    "09 00 00",
    "0c",
    "0b 08 01",
    "0b 14",
    `08 ${"ff ".repeat(10)}01`,
    `${"ff ".repeat(9)}01 00`,
  ])("refuses %s", (text) => {
    try {
      fieldsOf(hex(text));
      expect.unreachable();
    } catch (error) {
      expect(isCastellanError(error, "MALFORMED")).toBe(true);
    }
  });

  test("stops at groups without end", () => {
    expect(() => fieldsOf(Buffer.alloc(100_000, 0x0b))).toThrow(expect.objectContaining({ code: "LIMIT" }) as Error);
  });
});

describe("messages of known types", () => {
  const inner = message("Inner", { 1: "name: string" });
  const outer = message("Outer", { 1: "id: int", 2: "numbers: int*", 3: ["inner*", () => inner], 4: "text: string" });
  const walk = (bytes: Uint8Array) => {
    const rules: string[] = [];
    const reader = new MessageReader(new Window(bytesSource(bytes), "test"), unmetered, ({ rule }) => rules.push(rule));
    reader.account({ start: 0, end: bytes.length }, outer, 0);
    return { rules, gaps: reader.gaps.map(({ offset, length }) => [offset, length]) };
  };

  test("are silent when every field is known", () => {
    const bytes = proto([1, 7], [2, 1], [2, Buffer.from([1, 2, 3])], [3, proto([1, "a"])], [3, proto()], [4, "x"]);
    expect(walk(bytes)).toEqual({ rules: [], gaps: [] });
  });

  test("note unknown fields at any depth, other wire types, and singular fields that repeat", () => {
    expect(walk(proto([9, "hidden"]))).toEqual({ rules: ["unknown-field"], gaps: [[0, 8]] });
    expect(walk(proto([3, proto([5, 1])]))).toEqual({ rules: ["unknown-field"], gaps: [[2, 2]] });
    expect(walk(proto([1, "text"])).rules).toEqual(["wire-type"]);
    expect(walk(proto([1, 1], [1, 2])).rules).toEqual(["duplicate-field"]);
  });

  test("stop at their depth", () => {
    const self = message("Self", { 1: ["self", () => self] });
    let bytes: Uint8Array = proto();
    for (let depth = 0; depth < 150; depth++) bytes = proto([1, bytes]);
    const reader = new MessageReader(new Window(bytesSource(bytes), "test"), unmetered, () => undefined);
    expect(() => reader.account({ start: 0, end: bytes.length }, self, 0)).toThrow(
      expect.objectContaining({ code: "LIMIT" }) as Error,
    );
  });

  test("survive any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          walk(bytes);
        } catch (error) {
          expect(isCastellanError(error, "MALFORMED", "LIMIT")).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect([...varintBytes(300)]).toEqual([0xac, 2]);
  });
});
