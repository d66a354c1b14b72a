import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { decodeAll } from "../container/decoder.ts";
import { bunzip2 } from "./bzip2.ts";
import { isBzip2 } from "./recognise.ts";

// printf 'hello hello hello\n' | bzip2 | base64
const hello = Buffer.from("QlpoOTFBWSZTWeW18wkAAARRAAAQQAACRKAAIbUYDAKQacKjC7kinChIctr5hIA=", "base64");
const unpack = (bytes: Uint8Array): Buffer => Buffer.from(decodeAll(bunzip2(bytesSource(bytes)), 1e8, "test"));

function bzip2(bytes: Uint8Array, level: string): Buffer | undefined {
  try {
    return execFileSync("bzip2", [level, "-c"], { input: bytes, maxBuffer: 1e8, stdio: ["pipe", "pipe", "ignore"] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log("not compared with bzip2: it is not installed");
    return undefined;
  }
}

describe("bunzip2", () => {
  test("undoes what bzip2 makes, whatever the block size, in several streams", () => {
    const samples = [
      Buffer.alloc(0),
      Buffer.from("a"),
      Buffer.alloc(300_000, "x"),
      Buffer.from("castellan keeps watch ".repeat(20_000)),
      Buffer.from(Uint32Array.from({ length: 80_000 }, (_, n) => Math.imul(n ^ 0x5bd1e995, 2654435761)).buffer),
      Buffer.from("aaaabaaaaaaaacaaaaa".repeat(5000)),
    ];
    for (const sample of samples) {
      for (const level of ["-1", "-9"]) {
        const packed = bzip2(sample, level);
        if (!packed) return;
        expect(unpack(packed).equals(sample)).toBe(true);
        expect(isBzip2(packed)).toBe(true);
        const decoder = bunzip2(bytesSource(Buffer.concat([packed, packed, Buffer.from("rest")])));
        expect(Buffer.from(decodeAll(decoder, 1e8, "test")).equals(Buffer.concat([sample, sample]))).toBe(true);
        expect(decoder.offset).toBe(2 * packed.length);
      }
    }
  });

  test("unpacks a stream kept here", () => {
    expect(unpack(hello).toString()).toBe("hello hello hello\n");
  });

  test("hands out a block before it finds that the checksum is wrong", () => {
    const broken = Buffer.from(hello);
    broken[10]! ^= 1;
    const decoder = bunzip2(bytesSource(broken));
    expect(Buffer.from(decoder.next()!).toString()).toBe("hello hello hello\n");
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
            decodeAll(bunzip2(bytesSource(bytes.subarray(0, Math.max(20, cut)))), 1e6, "test");
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
