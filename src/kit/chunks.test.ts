import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunksOf, chunksOfBytes } from "./chunks.ts";

async function* of(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

describe("cutting a stream into chunks", () => {
  it("keeps every byte, fills all chunks but the last, and marks only the last", async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 40 }), async (pieces, size) => {
        const all = Buffer.concat(pieces);
        const chunks: { bytes: Buffer; last: boolean }[] = [];
        for await (const { bytes, last } of chunksOf(of(pieces), size))
          chunks.push({ bytes: Buffer.from(bytes), last });
        expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(all)).toBe(true);
        expect(chunks.map(({ last }) => last).indexOf(true)).toBe(chunks.length - 1);
        expect(chunks.slice(0, -1).every(({ bytes }) => bytes.length === size)).toBe(true);
        expect(chunks.length).toBe(Math.max(1, Math.ceil(all.length / size)));
        const atOnce = Array.from(chunksOfBytes(all, size), ({ bytes, last }) => ({ bytes: Buffer.from(bytes), last }));
        expect(atOnce).toEqual(chunks);
      }),
    );
  });
});
