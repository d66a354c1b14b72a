import fc from "fast-check";
import { expect, test } from "vitest";
import {
  concat,
  equalBytes,
  fromAnyBase64,
  fromBase64,
  fromHex,
  sha256,
  sha256Hex,
  textOf,
  toBase64,
  toHex,
  utf8,
} from "./bytes.ts";

test("SHA-256 equals the examples of FIPS 180-4", () => {
  expect(sha256Hex(utf8("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(toHex(sha256())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(toHex(sha256(utf8("a"), utf8("bc")))).toBe(sha256Hex(utf8("abc")));
});

test("base64 equals the vectors of RFC 4648 and reads only its canonical form", () => {
  for (const [plain, coded] of [
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foobar", "Zm9vYmFy"],
  ] as const) {
    expect(toBase64(utf8(plain))).toBe(coded);
    expect(textOf(fromBase64(coded))).toBe(plain);
  }
  for (const bad of ["Zg", "Zg=", "Zh==", "Z g==", "Zm9v\n", "!"]) expect(() => fromBase64(bad)).toThrow(/base64/);
});

test("either base64 alphabet is read, padded or not", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const buffer = Buffer.from(bytes);
      for (const text of [buffer.toString("base64"), buffer.toString("base64url")]) {
        expect(equalBytes(fromAnyBase64(text), bytes)).toBe(true);
      }
    }),
  );
  expect(() => fromAnyBase64("a*b")).toThrow(/base64/);
});

test("hexadecimal reads back and refuses odd lengths and other letters", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => equalBytes(fromHex(toHex(bytes)), bytes)));
  expect(() => fromHex("abc")).toThrow(/hexadecimal/);
  expect(() => fromHex("zz")).toThrow(/hexadecimal/);
});

test("bytes that are not UTF-8 are refused, not replaced", () => {
  expect(() => textOf(Uint8Array.of(0xff, 0xfe), "the name")).toThrow(/the name is not valid UTF-8/);
});

test("arrays of different length are unequal, and joining keeps order", () => {
  expect(equalBytes(utf8("a"), utf8("ab"))).toBe(false);
  expect(textOf(concat(utf8("a"), utf8("b")))).toBe("ab");
});
