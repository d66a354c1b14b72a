import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesSource, sliceSource } from "./byte-source.ts";

test("a slice of a slice reads what the bytes' own subarray reads, and never past its end", () => {
  const place = fc.integer({ min: -5, max: 40 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 30 }),
      place,
      place,
      place,
      fc.integer({ min: 0, max: 40 }),
      (bytes, start, end, offset, length) => {
        const from = Math.min(Math.max(0, start), bytes.length);
        const to = Math.min(Math.max(from, end), bytes.length);
        const at = Math.max(0, offset);
        const slice = sliceSource(sliceSource(bytesSource(bytes), 0, bytes.length), start, Math.max(from, end));
        expect(slice.size).toBe(to - from);
        expect([...slice.read(at, length)]).toEqual([...bytes.subarray(from, to).subarray(at, at + length)]);
      },
    ),
  );
});
