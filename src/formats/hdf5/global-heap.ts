import { fail } from "../../kit/errors.ts";
import type { Hdf5Fields } from "./fields.ts";

/** Object `index` of the global heap collection at `address`. Source: specification III.E. @throws MALFORMED */
export function heapObjectAt(file: Hdf5Fields, address: number, index: number): { at: number; length: number } {
  file.expect(address, "GCOL");
  const l = file.lengthSize;
  const size = file.length(address + 8);
  if (file.first("collection", address)) file.cover(address, size);
  const end = address + size;
  for (let at = address + 8 + l; at + 8 + l <= end; ) {
    file.meter.tick();
    const id = file.window.u16(at);
    const length = file.length(at + 8);
    if (id === 0) break;
    if (id === index) return { at: at + 8 + l, length };
    at += 8 + l + Math.ceil(length / 8) * 8;
  }
  return fail("MALFORMED", {
    message: `Object ${index} is not in the heap at byte ${address}`,
    where: `byte ${address}`,
  });
}
