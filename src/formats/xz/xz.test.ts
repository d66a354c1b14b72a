import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { Decoder } from "../container/decoder.ts";
import { decodeAll } from "../container/decoder.ts";
import { lzmaAlone } from "../lzma/lzma.ts";
import { unxz } from "./xz.ts";
import { isXz } from "./recognise.ts";

const all = (decoder: Decoder): Buffer => Buffer.from(decodeAll(decoder, 1e8, "test"));
const samples = [
  Buffer.alloc(0),
  Buffer.from("a"),
  Buffer.alloc(150_000, "x"),
  Buffer.from("castellan keeps watch ".repeat(4000)),
  Buffer.from(Uint32Array.from({ length: 20_000 }, (_, n) => Math.imul(n ^ 0x5bd1e995, 2654435761)).buffer),
  Buffer.from(Float32Array.from({ length: 40_000 }, (_, n) => Math.sin(n / 50)).buffer),
];

function xz(bytes: Uint8Array, ...options: string[]): Buffer | undefined {
  try {
    return execFileSync("xz", ["-c", ...options], { input: bytes, maxBuffer: 1e8, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    console.log("not compared with xz: it is not installed");
    return undefined;
  }
}

// printf 'hello hello hello\n' | xz -C crc64 | base64, and with --format=lzma
const hello = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AARAAxdADQZSe6N6U9+ISGwAAAfAdnIh8FDyAABKBLJamKOH7bzfQEAAAAABFla",
  "base64",
);
const alone = Buffer.from("XQAAgAD//////////wA0GUnujelPfiG2ILf//7o0AAA=", "base64");

describe("unxz", () => {
  test("undoes what xz makes: every check, block size, preset and property", () => {
    const settings = [
      ["-0", "-C", "none"],
      ["-6", "-C", "crc32"],
      ["-9e", "-C", "crc64"],
      ["-3", "-C", "sha256", "--block-size=100000"],
      ["--lzma2=preset=1,lc=0,lp=2,pb=0,dict=4KiB"],
      ["--lzma2=preset=6,lc=4,lp=0,pb=4,dict=64KiB", "-T2", "--block-size=65536"],
    ];
    for (const sample of samples) {
      for (const options of settings) {
        const packed = xz(sample, ...options);
        if (!packed) return;
        const decoder = unxz(bytesSource(packed));
        expect(all(decoder).equals(sample), options.join(" ")).toBe(true);
        expect(decoder.offset).toBe(packed.length);
      }
    }
  });

  test("reads streams that follow each other and stops at what is none", () => {
    const decoder = unxz(bytesSource(Buffer.concat([hello, Buffer.alloc(8), hello, Buffer.from("rest")])));
    expect(all(decoder).toString()).toBe("hello hello hello\n".repeat(2));
    expect(decoder.offset).toBe(hello.length * 2 + 8);
  });

  test("reads .lzma files, with and without a stated size", () => {
    expect(all(lzmaAlone(bytesSource(alone))).toString()).toBe("hello hello hello\n");
    for (const sample of samples) {
      const packed = xz(sample, "--format=lzma", "-5");
      if (!packed) return;
      expect(all(lzmaAlone(bytesSource(packed))).equals(sample)).toBe(true);
      const sized = Buffer.from(packed);
      sized.writeBigUInt64LE(BigInt(sample.length), 5);
      expect(all(lzmaAlone(bytesSource(sized))).equals(sample)).toBe(true);
      sized.writeBigUInt64LE(BigInt(sample.length + 1), 5);
      expect(() => all(lzmaAlone(bytesSource(sized)))).toThrow("before their stated size");
    }
  });

  test("refuses filters it does not know and wrong checks, after what can be read", () => {
    const filtered = xz(samples[3]!, "--x86", "--lzma2");
    if (!filtered) return;
    expect(() => all(unxz(bytesSource(filtered)))).toThrow("filters 0x4, 0x21");
    const broken = Buffer.from(hello);
    broken[broken.length - 24]! ^= 1;
    const decoder = unxz(bytesSource(broken));
    expect(Buffer.from(decoder.next()!).toString()).toBe("hello hello hello\n");
    expect(() => decoder.next()).toThrow();
    expect(isXz(hello)).toBe(true);
  });

  test("never fails with anything but its own errors", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (raw, changes) => {
          const bytes = Buffer.from(raw ? alone : hello);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          try {
            decodeAll(raw ? lzmaAlone(bytesSource(bytes)) : unxz(bytesSource(bytes)), 1e6, "test");
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
