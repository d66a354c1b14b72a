import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { decodeAll } from "../container/decoder.ts";
import { lz4 } from "./lz4.ts";
import { isLz4 } from "./recognise.ts";
import { Xxh32 } from "./xxh32.ts";

const unpack = (bytes: Uint8Array): Buffer => Buffer.from(decodeAll(lz4(bytesSource(bytes)), 1e8, "test"));

function pack(bytes: Uint8Array, ...options: string[]): Buffer | undefined {
  try {
    return execFileSync("lz4", ["-c", ...options], { input: bytes, maxBuffer: 1e8, stdio: ["pipe", "pipe", "ignore"] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log("not compared with lz4: it is not installed");
    return undefined;
  }
}

// printf 'hello hello hello hello\n' | lz4 -c -BX | base64
const hello = Buffer.from("BCJNGHRAvQ8AAABpaGVsbG8gBgBQZWxsbwqxeXltAAAAAOL/A0I=", "base64");

describe("lz4", () => {
  test("undoes what lz4 makes: linked and independent blocks, every block size, checksums, legacy frames", () => {
    const samples = [
      Buffer.alloc(0),
      Buffer.from("a"),
      Buffer.alloc(9_000_000, "castellan "),
      Buffer.from(Uint32Array.from({ length: 60_000 }, (_, n) => Math.imul(n ^ 0x5bd1e995, 2654435761)).buffer),
      Buffer.from(Array.from({ length: 9000 }, (_, n) => `layer.${n % 37}.weight ${n * n}\n`).join("")),
    ];
    for (const sample of samples) {
      for (const options of [["-1"], ["-9", "-B4", "-BD"], ["-B5", "-BX"], ["-BI", "--content-size"], ["-l"]]) {
        const packed = pack(sample, ...options);
        if (!packed) return;
        const decoder = lz4(bytesSource(packed));
        expect(Buffer.from(decodeAll(decoder, 1e8, "test")).equals(sample), options.join(" ")).toBe(true);
        expect(decoder.offset).toBe(packed.length);
        expect(isLz4(packed) || packed.length < 7).toBe(true);
      }
    }
  });

  test("reads frames that follow each other and stops at what is none", () => {
    const decoder = lz4(
      bytesSource(
        Buffer.concat([hello, Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9]), hello, Buffer.from("rest")]),
      ),
    );
    expect(Buffer.from(decodeAll(decoder, 1000, "test")).toString()).toBe("hello hello hello hello\n".repeat(2));
    expect(decoder.offset).toBe(2 * hello.length + 9);
  });

  test("hands out what it has before it finds that a checksum is wrong", () => {
    const broken = Buffer.from(hello);
    broken[broken.length - 1]! ^= 1;
    const decoder = lz4(bytesSource(broken));
    expect(Buffer.from(decoder.next()!).toString()).toBe("hello hello hello hello\n");
    expect(() => decoder.next()).toThrow("checksum");
  });

  test("never fails with anything but its own errors", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(hello.length),
        (changes, cut) => {
          const bytes = Buffer.from(hello);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            unpack(bytes.subarray(0, Math.max(8, cut)));
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

test("XXH32 of known inputs", () => {
  expect(new Xxh32().digest()).toBe(0x02cc5d05);
  expect(new Xxh32().update(Buffer.from("abc")).digest()).toBe(0x32d153ff);
});
