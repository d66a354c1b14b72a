import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { decodeAll } from "../container/decoder.ts";
import { gunzip } from "./gzip.ts";

const text = (bytes: Uint8Array): string => Buffer.from(decodeAll(gunzip(bytesSource(bytes)), 1e7, "test")).toString();

describe("gunzip", () => {
  test("reads members one after another, with padding between, and their headers", () => {
    const named = gzipSync("one");
    named[3] = 8 + 16;
    const withName = Buffer.concat([named.subarray(0, 10), Buffer.from("a.pkl\0why\0"), named.subarray(10)]);
    const bytes = Buffer.concat([withName, gzipSync(" two"), Buffer.alloc(500), gzipSync(" three")]);
    const decoder = gunzip(bytesSource(bytes));
    expect(Buffer.from(decodeAll(decoder, 100, "test")).toString()).toBe("one two three");
    expect(decoder.headers).toHaveLength(3);
    expect(decoder.headers[0]).toMatchObject({ name: "a.pkl", comment: "why" });
    expect(decoder.leftover).toBeUndefined();
    expect(decoder.offset).toBe(bytes.length);
  });

  test("says what follows the last member", () => {
    const decoder = gunzip(bytesSource(Buffer.concat([gzipSync("x"), Buffer.from("smuggled")])));
    decodeAll(decoder, 100, "test");
    expect(decoder.leftover).toMatchObject({ offset: 21, length: 8, content: "data" });
    const padded = gunzip(bytesSource(Buffer.concat([gzipSync("x"), Buffer.alloc(70)])));
    decodeAll(padded, 100, "test");
    expect(padded.leftover).toMatchObject({ length: 70, content: "zeros" });
  });

  test("hands out all members before it complains about a checksum or a length", () => {
    const broken = gzipSync("one");
    broken[broken.length - 8]! ^= 1;
    const decoder = gunzip(bytesSource(Buffer.concat([broken, gzipSync("two")])));
    expect(Buffer.from(decoder.next()!).toString()).toBe("one");
    expect(Buffer.from(decoder.next()!).toString()).toBe("two");
    expect(() => decoder.next()).toThrow("checksum");
    const short = gzipSync("one");
    short[short.length - 1] = 1;
    expect(() => text(short)).toThrow("length");
  });

  test("stops at the bound it was given", () => {
    expect(() => decodeAll(gunzip(bytesSource(gzipSync(Buffer.alloc(5_000_000)))), 1_000_000, "bomb")).toThrow(
      "bomb unpacks to more than",
    );
  });

  test("never fails with anything but its own errors", () => {
    const seed = gzipSync(Buffer.from("model ".repeat(300)));
    fc.assert(
      fc.property(fc.nat(seed.length - 1), fc.nat(255), fc.nat(seed.length), (at, value, cut) => {
        const bytes = Buffer.from(seed.subarray(0, seed.length - (cut % 12)));
        bytes[at % bytes.length] = value;
        try {
          text(bytes);
        } catch (error) {
          if (!isCastellanError(error)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
