import { execFileSync } from "node:child_process";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { decodeAll, piecesOf } from "../container/decoder.ts";
import { Xxh64 } from "./xxh64.ts";
import { unzstd } from "./zstd.ts";
import { isZstd } from "./recognise.ts";

const unpack = (bytes: Uint8Array): Buffer => Buffer.from(decodeAll(unzstd(bytesSource(bytes)), 1e8, "test"));
const level = (value: number, more: Record<number, number> = {}): { params: Record<number, number> } => ({
  params: { [constants.ZSTD_c_compressionLevel]: value, [constants.ZSTD_c_checksumFlag]: 1, ...more },
});
const mixed = Buffer.concat([
  Buffer.from(Array.from({ length: 3000 }, (_, n) => `layer.${n % 37}.weight ${n * n}\n`).join("")),
  Buffer.from(Float32Array.from({ length: 20_000 }, (_, n) => Math.sin(n / 50)).buffer),
  Buffer.alloc(200_000, "x"),
  Buffer.from(Uint32Array.from({ length: 30_000 }, (_, n) => Math.imul(n ^ 0x5bd1e995, 2654435761)).buffer),
]);

describe("unzstd", () => {
  test("undoes what the reference implementation makes, at many levels", () => {
    for (const sample of [
      Buffer.alloc(0),
      Buffer.from("a"),
      Buffer.from("ab".repeat(50)),
      Buffer.alloc(400_000, "x"),
      mixed,
    ]) {
      for (const value of [-5, 1, 3, 9, 19]) {
        const packed = zstdCompressSync(sample, level(value));
        const decoder = unzstd(bytesSource(packed));
        expect(Buffer.from(decodeAll(decoder, 1e8, "test")).equals(sample), `level ${value}`).toBe(true);
        expect(decoder.offset).toBe(packed.length);
        expect(isZstd(packed) || packed.length < 6).toBe(true);
      }
    }
  });

  test("undoes any bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 200 })), {
          maxLength: 40,
        }),
        fc.constantFrom(1, 6, 17),
        (parts, value) => {
          const bytes = Buffer.concat(parts.flatMap(([part, times]) => Array.from({ length: times }, () => part)));
          expect(unpack(zstdCompressSync(bytes, level(value))).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("reads frames that follow each other, steps over skippable ones and stops at what is none", () => {
    const frame = zstdCompressSync("hello ".repeat(30));
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const bytes = Buffer.concat([skippable, frame, skippable, frame]);
    const decoder = unzstd(bytesSource(Buffer.concat([bytes, Buffer.from("rest")])));
    expect(Buffer.from(decodeAll(decoder, 1e8, "test")).toString()).toBe("hello ".repeat(60));
    expect(decoder.offset).toBe(bytes.length);
  });

  test("reads windows of the zstd program that are not powers of two, and refuses those beyond its bound", () => {
    try {
      const packed = execFileSync("zstd", ["-c", "--long=27", "-3", "--no-check"], {
        input: mixed,
        stdio: ["pipe", "pipe", "ignore"],
      });
      expect(unpack(packed).equals(mixed)).toBe(true);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      console.log("not compared with zstd: it is not installed");
    }
    // A frame that states a window of 3.75 TiB and holds three bytes is no reason to refuse, nor to hold much.
    const wide = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 0x19, 0, 0, 1, 2, 3]);
    expect([...unpack(wide)]).toEqual([1, 2, 3]);
  });

  test("hands out what it has before it finds that the checksum is wrong", () => {
    const broken = zstdCompressSync("payload", level(3));
    broken[broken.length - 1]! ^= 1;
    const decoder = unzstd(bytesSource(broken));
    expect(Buffer.from(decoder.next()!).toString()).toBe("payload");
    expect(() => decoder.next()).toThrow("checksum");
  });

  test("never fails with anything but its own errors, and reads nothing that the reference reads differently", () => {
    const seeds = [
      zstdCompressSync(mixed.subarray(0, 9000), level(3)),
      zstdCompressSync(mixed.subarray(20_000, 160_000), level(19)),
    ];
    fc.assert(
      fc.property(
        fc.nat(1),
        fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (which, changes) => {
          const bytes = Buffer.from(seeds[which]!);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          let theirs: Buffer | undefined;
          try {
            theirs = zstdDecompressSync(bytes, { maxOutputLength: 1e6 });
          } catch {
            theirs = undefined;
          }
          const ours: Uint8Array[] = [];
          try {
            for (const piece of piecesOf(unzstd(bytesSource(bytes)))) ours.push(piece.slice());
          } catch (error) {
            if (!isCastellanError(error)) throw error;
          }
          // Node's one-call function does not mind data that end early; we give the same bytes, and then an error.
          if (theirs) expect(Buffer.concat(ours).subarray(0, theirs.length).equals(theirs)).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("XXH64 of known inputs", () => {
  const sum = (text: string): string => {
    const state = new Xxh64();
    for (const byte of Buffer.from(text)) state.update(Uint8Array.of(byte));
    return state.digest().toString(16);
  };
  expect(sum("")).toBe("ef46db3751d8e999");
  expect(sum("abc")).toBe("44bc2cf5ad770999");
});
