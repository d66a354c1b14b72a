import { fail } from "../../kit/errors.ts";
import { readBtree2 } from "./btree-v2.ts";
import { bytesFor, nowhere } from "./fields.ts";
import type { Hdf5Fields } from "./fields.ts";

/** Where an object of a heap lies. */
export interface HeapObject {
  readonly at: number;
  readonly length: number;
}

/** A fractal heap: finds the objects that heap IDs name. Source: specification III.G. @throws MALFORMED UNSUPPORTED */
export function openFractalHeap(file: Hdf5Fields, address: number): (id: number, idLength: number) => HeapObject {
  const { window, offsetSize: o, lengthSize: l } = file;
  file.expect(address, "FRHP");
  const filterLength = window.u16(address + 7);
  if (filterLength > 0) fail("UNSUPPORTED", "A heap of the file is compressed");
  const mostManaged = window.u32(address + 10);
  const hugeTree = file.address(address + 14 + l);
  const table = address + 14 + 2 * o + 10 * l;
  const width = window.u16(table);
  const startSize = file.length(table + 2);
  const mostDirect = file.length(table + 2 + l);
  const heapBits = window.u16(table + 2 + 2 * l);
  const root = file.address(table + 6 + 2 * l);
  const rows = window.u16(table + 6 + 2 * l + o);
  file.cover(address, table + 12 + 2 * l + o - address);
  if (width === 0 || width > 1024 || startSize === 0 || mostDirect < startSize || heapBits > 64) {
    fail("MALFORMED", { message: "The sizes of a fractal heap cannot be true", where: `byte ${address}` });
  }
  const offsetBytes = Math.ceil(heapBits / 8);
  const lengthBytes = Math.min(Math.floor((Math.floor(Math.log2(mostDirect)) + 7) / 8), bytesFor(mostManaged));
  const blockSize = (row: number): number => startSize * 2 ** Math.max(0, row - 1);
  const directRows = Math.floor(Math.log2(mostDirect / startSize)) + 2;

  /** The block that holds `offset`, within the block at `place` that begins at `from` and has `count` rows (0: direct). */
  const locate = (offset: number, place: number, from: number, count: number, size: number, depth: number): number => {
    if (place === nowhere || depth > 32) return fail("MALFORMED", "A heap refers to a block that is not there");
    if (count === 0) {
      if (file.first("block", place)) {
        file.expect(place, "FHDB");
        file.cover(place, size);
      }
      return place + (offset - from);
    }
    if (file.first("block", place)) {
      file.expect(place, "FHIB");
      file.cover(place, 5 + o + offsetBytes + count * width * o + 4);
    }
    let start = from;
    for (let row = 0; row < count; row++) {
      const each = blockSize(row);
      if (offset < start + each * width) {
        const column = Math.floor((offset - start) / each);
        const child = file.address(place + 5 + o + offsetBytes + (row * width + column) * o);
        const inside =
          row < directRows ? 0 : Math.floor(Math.log2(each)) - Math.floor(Math.log2(startSize * width)) + 1;
        return locate(offset, child, start + column * each, inside, each, depth + 1);
      }
      start += each * width;
    }
    return fail("MALFORMED", "A heap object lies outside of its heap");
  };

  let huge: Map<number, HeapObject> | undefined;
  const hugeObject = (id: number): HeapObject => {
    if (!huge) {
      huge = new Map();
      if (hugeTree !== nowhere) {
        for (const { at, type } of readBtree2(file, hugeTree)) {
          if (type === 1) huge.set(file.number(at + o + l, l), { at: file.address(at), length: file.length(at + o) });
        }
      }
    }
    return huge.get(id) ?? fail("UNSUPPORTED", "A large object of a heap is not found in its index");
  };

  return (id, idLength) => {
    const kind = (window.u8(id) >> 4) & 3;
    if (kind === 2) return { at: id + 1, length: (window.u8(id) & 0x0f) + 1 };
    if (kind === 1) {
      const found =
        1 + o + l <= idLength
          ? { at: file.address(id + 1), length: file.length(id + 1 + o) }
          : hugeObject(file.number(id + 1, Math.min(l, idLength - 1)));
      file.cover(found.at, found.length);
      return found;
    }
    if (kind !== 0) return fail("UNSUPPORTED", "An object of a heap is of an unknown kind");
    const offset = file.number(id + 1, offsetBytes);
    return { at: locate(offset, root, 0, rows, startSize, 0), length: file.number(id + 1 + offsetBytes, lengthBytes) };
  };
}
