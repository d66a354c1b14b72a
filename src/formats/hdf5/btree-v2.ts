import { fail } from "../../kit/errors.ts";
import { bytesFor, nowhere } from "./fields.ts";
import type { Hdf5Fields } from "./fields.ts";

/** A record of a version 2 B-tree. */
export interface TreeRecord {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** Every record of the tree whose header lies at `address`. Source: specification III.A.2. @throws MALFORMED */
export function* readBtree2(file: Hdf5Fields, address: number): Generator<TreeRecord, void, void> {
  const { window, offsetSize: o, lengthSize: l } = file;
  file.expect(address, "BTHD");
  const type = window.u8(address + 5);
  const nodeSize = window.u32(address + 6);
  const size = window.u16(address + 10);
  const depth = window.u16(address + 12);
  const root = file.address(address + 16);
  const count = window.u16(address + 16 + o);
  file.cover(address, 22 + o + l);
  if (size === 0 || depth > 32 || nodeSize < size + 10)
    fail("MALFORMED", { message: "A B-tree's sizes cannot be true", where: `byte ${address}` });
  const leafMost = Math.floor((nodeSize - 10) / size);
  const countBytes = bytesFor(leafMost);
  const totals: { most: number; bytes: number }[] = [{ most: leafMost, bytes: 0 }];
  for (let level = 1; level <= depth; level++) {
    const pointer = o + countBytes + totals[level - 1]!.bytes;
    const here = Math.floor((nodeSize - 10 - pointer) / (size + pointer));
    const most = (here + 1) * totals[level - 1]!.most + here;
    totals.push({ most, bytes: bytesFor(most) });
  }
  const open = root === nowhere ? [] : [{ place: root, records: count, level: depth }];
  for (let node = open.pop(); node; node = open.pop()) {
    file.meter.tick();
    const { place, records, level } = node;
    if (!file.first("tree", place)) continue;
    file.expect(place, level === 0 ? "BTLF" : "BTIN");
    file.cover(place, nodeSize);
    for (let index = 0; index < records; index++) yield { type, at: place + 6 + index * size, size };
    if (level === 0) continue;
    const pointer = o + countBytes + totals[level - 1]!.bytes;
    for (let index = 0; index <= records; index++) {
      const at = place + 6 + records * size + index * pointer;
      open.push({ place: file.address(at), records: file.number(at + o, countBytes), level: level - 1 });
    }
  }
}
