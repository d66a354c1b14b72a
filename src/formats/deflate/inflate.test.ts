import { deflateRawSync, deflateSync, constants, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { decodeAll, piecesOf } from "../container/decoder.ts";
import { inflate } from "./inflate.ts";
import { zlibStream } from "./zlib-stream.ts";

/** Bytes with repetitions at many distances, so that all kinds of blocks and matches occur. */
const texture = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 3000 })), { maxLength: 30 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: (times % 97) + 1 }, () => bytes))),
  );

describe("inflate", () => {
  test("undoes what zlib makes, at every level and strategy, and knows where the stream ends", () => {
    fc.assert(
      fc.property(
        texture,
        fc.constantFrom(0, 1, 6, 9),
        fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE),
        fc.uint8Array({ maxLength: 9 }),
        (bytes, level, strategy, behind) => {
          const packed = deflateRawSync(bytes, { level, strategy });
          const decoder = inflate(bytesSource(Buffer.concat([Buffer.from([1, 2, 3]), packed, behind])), 3);
          expect(Buffer.from(decodeAll(decoder, 1e8, "test")).equals(bytes)).toBe(true);
          expect(decoder.offset).toBe(3 + packed.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("crosses its buffers: two megabytes of text and of noise", () => {
    const noise = new Uint32Array(500_000);
    for (let n = 1, seed = 1; n < noise.length; n++) noise[n] = seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    for (const bytes of [
      Buffer.from(noise.buffer),
      Buffer.from("castellan ".repeat(200_000)),
      Buffer.alloc(3_000_000),
    ]) {
      const packed = deflateRawSync(bytes);
      expect(Buffer.from(decodeAll(inflate(bytesSource(packed)), 1e8, "test")).equals(bytes)).toBe(true);
    }
  });

  test("agrees with zlib about damaged data: what zlib reads we read, what zlib refuses we refuse", () => {
    const bytes = Buffer.from("all work and no play makes jack a dull boy ".repeat(40) + "xyz".repeat(300));
    const packed = deflateRawSync(bytes);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.nat(255), fc.nat(packed.length), (at, value, cut) => {
        const damaged = Buffer.from(packed.subarray(0, Math.max(1, cut)));
        if (at < damaged.length) damaged[at] = value;
        let theirs: Buffer | undefined;
        try {
          theirs = inflateRawSync(damaged, { maxOutputLength: 1e7 });
        } catch {
          theirs = undefined;
        }
        let ours: Uint8Array | undefined;
        try {
          ours = decodeAll(inflate(bytesSource(damaged)), 1e7, "test");
        } catch (error) {
          expect(isCastellanError(error)).toBe(true);
        }
        expect(ours && Buffer.from(ours).toString("latin1")).toEqual(theirs?.toString("latin1"));
      }),
      { numRuns: 400 },
    );
  });

  test("hands out what precedes the damage before it complains", () => {
    const packed = deflateRawSync(Buffer.alloc(1_000_000, "payload "));
    const seen: number[] = [];
    expect(() => {
      for (const piece of piecesOf(inflate(bytesSource(packed.subarray(0, -4))))) seen.push(piece.length);
    }).toThrow("ends in the middle");
    expect(seen.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(900_000);
  });

  test("never runs on through a source of empty blocks without giving the caller a turn", () => {
    const empty = {
      size: 1e12,
      read: (_: number, length: number) => new Uint8Array(length).fill(0).map((_, n) => [0, 0, 0, 255, 255][n % 5]!),
    };
    // 65536 is no multiple of 5, so the blocks fall apart soon: that is an error, not a hang.
    expect(() => decodeAll(inflate(empty), 1e6, "test")).toThrow();
    const five = {
      size: 1e12,
      read: (at: number, length: number) => Uint8Array.from({ length }, (_, n) => [0, 0, 0, 255, 255][(at + n) % 5]!),
    };
    expect(inflate(five).next()).toHaveLength(0);
  });

  test("reads zlib streams and verifies their checksum", () => {
    const packed = deflateSync(Buffer.from("abc".repeat(1000)));
    expect(decodeAll(zlibStream(bytesSource(packed)), 1e6, "test")).toHaveLength(3000);
    packed[packed.length - 1]! ^= 1;
    expect(() => decodeAll(zlibStream(bytesSource(packed)), 1e6, "test")).toThrow("checksum");
  });
});
