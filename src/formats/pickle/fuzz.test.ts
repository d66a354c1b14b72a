import fc from "fast-check";
import { expect, test } from "vitest";
import type { ByteSource } from "../../core/byte-source.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { examinePickle } from "./examine.ts";
import { recognisePickle } from "./recognise.ts";
import { realPickles } from "./testing/real-pickles.ts";

/** Opcodes drawn evenly, so that stack, memo and marks get into every state. */
const opcodes = fc
  .array(
    fc.constantFrom(
      ...Buffer.from(
        "(.012FIJKLMNPQRSTUVXabcdegijlhopqrstu]})BCG\x80\x81\x82\x85\x86\x87\x88\x8a\x8c\x8f\x90\x91\x92\x93\x94\x95\x96\x98\n01aos",
        "latin1",
      ),
    ),
    { maxLength: 200 },
  )
  .map((codes) => Uint8Array.from(codes));

const damaged = fc
  .tuple(fc.constantFrom(...realPickles), fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 6 }), fc.nat(6000))
  .map(([bytes, changes, keep]) => {
    const copy = Uint8Array.from(bytes.subarray(0, keep));
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });

test("no bytes make the examination fail, and its parts account for every byte", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), opcodes, damaged), (bytes) => {
      recognisePickle(bytesSource(bytes));
      const { verdict, streams, unaccounted, known, incomplete } = examinePickle(bytesSource(bytes));
      if (verdict === "safe") {
        expect(streams.every(({ ended }) => ended === "stop")).toBe(true);
        const covered = [...streams, ...unaccounted, ...known].reduce((sum, { start, end }) => sum + end - start, 0);
        expect(covered).toBeGreaterThanOrEqual(bytes.length);
      } else if (verdict === "incomplete") expect(incomplete.length).toBeGreaterThan(0);
    }),
    { numRuns: 1500 },
  );
});

test("an examination does not depend on how the source hands out its bytes", () => {
  const stingy = (bytes: Uint8Array): ByteSource => ({
    size: bytes.length,
    read: (offset, length) => bytes.slice(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length)),
  });
  fc.assert(
    fc.property(damaged, (bytes) => {
      expect(examinePickle(stingy(bytes))).toEqual(examinePickle(bytesSource(bytes)));
    }),
    { numRuns: 100 },
  );
});

test("a source without end that repeats one opcode is given up in time", () => {
  for (const code of ["(", "2", "]", "N", ")", "K", "\x94"]) {
    const chunk = Buffer.alloc(1 << 20, `N${code}`, "latin1");
    let asked = 0;
    const source: ByteSource = {
      size: 2 ** 40,
      read: (_, length) => chunk.subarray(0, Math.min(length, chunk.length)),
    };
    const { verdict, streams } = examinePickle(source, { expired: () => ++asked > 300 });
    expect([verdict, streams[0]!.ended === "stop"], code).toEqual(["incomplete", false]);
  }
});
