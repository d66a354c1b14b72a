import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { decodeAll } from "../container/decoder.ts";
import { unpackZfile, zfileHeader } from "./zfile.ts";

const data = Buffer.from("pickle ".repeat(50));
const written = (size: number, blanks = ""): Buffer =>
  Buffer.concat([Buffer.from(`ZF${`0x${size.toString(16)}`.padEnd(19)}${blanks}`), deflateSync(data)]);
const unpack = (bytes: Uint8Array): string =>
  Buffer.from(decodeAll(unpackZfile(bytesSource(bytes)), 1000, "test")).toString();

test("the data are unpacked, with the header of either Python", () => {
  expect(unpack(written(data.length))).toBe(data.toString());
  expect(unpack(written(data.length, " "))).toBe(data.toString());
});

test("another size than stated is reported, and other files are not taken for one", () => {
  expect(() => unpack(written(9))).toThrow("said to have 9");
  expect(zfileHeader(Buffer.from("ZF0x12 and more text that goes on"))).toBeUndefined();
});
