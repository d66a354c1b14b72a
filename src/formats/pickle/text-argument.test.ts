import { expect, test } from "vitest";
import { parseFloatLine, parseInt0, parseLong, parsePyLong } from "./text-number.ts";
import { isWideUtf8, parseQuoted, parseRawUnicode, wideUtf8 } from "./text-string.ts";

const value = <T>(parsed: { ok: true; value: T } | { ok: false; error: string }): T | string =>
  parsed.ok ? parsed.value : "error";

test.each([
  ["10\n", 10n],
  ["010\n", 8n],
  ["0x10\n", 16n],
  ["0o17\n", 15n],
  ["0b11\n", 3n],
  ["1_000\n", 1000n],
  ["00\n", false],
  ["01\n", true],
  ["0\n", 0n],
  [" 5\n", 5n],
  ["5 \n", 5n],
  ["-0X1f\n", -31n],
  ["7\0anything\n", 7n],
  ["\0anything\n", 0n],
  ["9223372036854775808\n", 9223372036854775808n],
  ["08\n", "error"],
  ["1__0\n", "error"],
  ["_1\n", "error"],
  ["0x\n", "error"],
  ["five\n", "error"],
  [" \n", "error"],
])("INT %j reads as C reads it", (line, expected) => {
  expect(value(parseInt0(line))).toBe(expected);
});

test("LONG drops its L and accepts what int() accepts", () => {
  expect(["5L\n", "5\n", "-12L\n", "0x1fL\n"].map((line) => value(parseLong(line)))).toEqual([5n, 5n, -12n, 31n]);
  expect(value(parseLong("5LL\n"))).toBe("error");
});

test("an index is decimal, whatever zeros it begins with", () => {
  expect(["007\n", "+3\n", " 4 \n"].map((line) => value(parsePyLong(line, 10)))).toEqual([7n, 3n, 4n]);
  expect(value(parsePyLong("0x7\n", 10))).toBe("error");
});

test("FLOAT takes no white space, no hexadecimal and nothing too large", () => {
  expect(["1.5\n", ".5\n", "1e3\n", "-inf\n", "5.\n"].map((line) => value(parseFloatLine(line)))).toEqual([
    1.5,
    0.5,
    1000,
    -Infinity,
    5,
  ]);
  expect(value(parseFloatLine("nan\n"))).toBeNaN();
  for (const line of [" 1\n", "0x1\n", "1e999\n", "1_0\n", "1 \n", "\n"])
    expect(value(parseFloatLine(line)), line).toBe("error");
});

test("STRING is quoted and escaped as bytes", () => {
  expect(["'a'", '"b"', "'\\x41\\101\\n\\q'", "'a\\\\'"].map((line) => value(parseQuoted(line)))).toEqual([
    "a",
    "b",
    "AA\n\\q",
    "a\\",
  ]);
  for (const line of ["a", "'a", "'a\"", "'", "'\\xg'", "'a\\'"]) expect(value(parseQuoted(line)), line).toBe("error");
});

test("UNICODE knows only \\u and \\U", () => {
  expect(["a\\u0041", "\\\\u0041", "\\n", "\\", "\\U0001f600"].map((line) => value(parseRawUnicode(line)))).toEqual([
    "aA",
    "\\\\u0041",
    "\\n",
    "\\",
    "\u{1f600}",
  ]);
  for (const line of ["\\u004", "\\U00110000", "\\uzzzz"]) expect(value(parseRawUnicode(line)), line).toBe("error");
});

test("surrogates may be encoded in UTF-8, broken UTF-8 may not", () => {
  const surrogate = Uint8Array.of(0xed, 0xa0, 0x80);
  expect([isWideUtf8(surrogate), wideUtf8(surrogate)]).toEqual([true, "\ud800"]);
  for (const bytes of [[0xff], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc3]]) {
    expect(isWideUtf8(Uint8Array.from(bytes))).toBe(false);
  }
  expect(wideUtf8(Buffer.from("é😀"))).toBe("é😀");
});
