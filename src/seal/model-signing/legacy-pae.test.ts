import { expect, test } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { legacyPae, pythonBytes } from "./legacy-pae.ts";

test("bytes are printed as Python prints them", () => {
  // Facts from CPython: repr(b'...').
  expect(pythonBytes(utf8("plain"))).toBe("b'plain'");
  expect(pythonBytes(utf8("it's"))).toBe(`b"it's"`);
  expect(pythonBytes(utf8(`it's "it"`))).toBe(`b'it\\'s "it"'`);
  expect(pythonBytes(utf8('say "x"'))).toBe(`b'say "x"'`);
  expect(pythonBytes(utf8("a\\b\t\n\r"))).toBe("b'a\\\\b\\t\\n\\r'");
  expect(pythonBytes(new Uint8Array([0, 0x1f, 0x20, 0x7e, 0x7f, 0xc3, 0xbc, 0xff]))).toBe(
    "b'\\x00\\x1f ~\\x7f\\xc3\\xbc\\xff'",
  );
});

test("the faulty encoding of v0.2 counts the payload's bytes but covers its printed form", () => {
  expect(Buffer.from(legacyPae(utf8('{"a":"ü"}'))).toString()).toBe(
    `DSSEV1 28 application/vnd.in-toto+json 10 b'{"a":"\\xc3\\xbc"}'`,
  );
});
