import { fail } from "../../kit/errors.ts";
import { readBtree2 } from "./btree-v2.ts";
import { nowhere } from "./fields.ts";
import type { Hdf5Fields } from "./fields.ts";
import { openFractalHeap } from "./fractal-heap.ts";
import type { Message } from "./object-header.ts";

/** A name in a group and what it stands for. */
export type Link =
  | { readonly kind: "hard"; readonly name: string; readonly at: number; readonly address: number }
  | {
      readonly kind: "soft" | "external" | "unknown";
      readonly name: string;
      readonly at: number;
      readonly target: string;
    };

/** Version 1 B-tree nodes below `address` at their lowest level: the children, and where their keys stand. @throws MALFORMED */
export function* treeChildren(
  file: Hdf5Fields,
  address: number,
  type: number,
  keySize: number,
): Generator<{ key: number; child: number }, void, void> {
  const { window, offsetSize: o } = file;
  const most = 2 * (type === 0 ? file.groupInternalK : file.chunkK);
  const open = [{ place: address, level: -1 }];
  for (let node = open.pop(); node; node = open.pop()) {
    file.meter.tick();
    const { place, level } = node;
    if (place === nowhere || !file.first("node", place)) continue;
    file.expect(place, "TREE");
    const own = window.u8(place + 5);
    if (window.u8(place + 4) !== type || (level >= 0 && own !== level))
      fail("MALFORMED", { message: "A B-tree node is of the wrong kind", where: `byte ${place}` });
    const entries = window.u16(place + 6);
    file.cover(place, 8 + 2 * o + most * o + (most + 1) * keySize);
    for (let index = 0; index < entries; index++) {
      const key = place + 8 + 2 * o + index * (keySize + o);
      const child = file.address(key + keySize);
      if (own === 0) yield { key, child };
      else open.push({ place: child, level: own - 1 });
    }
  }
}

/** The links a group's object header holds or refers to. Source: specification III.A–C, IV.A.2.c, g, r. @throws MALFORMED */
export function* linksOf(file: Hdf5Fields, messages: readonly Message[]): Generator<Link, void, void> {
  for (const { type, at } of messages) {
    if (type === 0x11) yield* symbolTable(file, file.address(at), file.address(at + file.offsetSize));
    else if (type === 0x06) yield linkMessage(file, at);
    else if (type === 0x02) {
      const places = at + 2 + (file.window.u8(at + 1) & 1 ? 8 : 0);
      const heap = file.address(places);
      const tree = file.address(places + file.offsetSize);
      if (heap === nowhere || tree === nowhere) continue;
      const find = openFractalHeap(file, heap);
      for (const record of readBtree2(file, tree)) yield linkMessage(file, find(record.at + 4, record.size - 4).at);
      if (file.window.u8(at + 1) & 2) drain(file, file.address(places + 2 * file.offsetSize));
    }
  }
}

/** Walks an index only for the room it takes. */
export function drain(file: Hdf5Fields, tree: number): void {
  if (tree === nowhere) return;
  for (const record of readBtree2(file, tree)) if (record.size === 0) return;
}

/** The data segment of the local heap at `address`. @throws MALFORMED */
export function localHeap(file: Hdf5Fields, address: number): { start: number; end: number } {
  file.expect(address, "HEAP");
  const size = file.length(address + 8);
  const start = file.address(address + 8 + 2 * file.lengthSize);
  if (file.first("heap", address)) {
    file.cover(address, 8 + 2 * file.lengthSize + file.offsetSize);
    file.cover(start, size);
  }
  return { start, end: Math.min(start + size, file.window.size) };
}

function* symbolTable(file: Hdf5Fields, tree: number, heapAddress: number): Generator<Link, void, void> {
  const { window, offsetSize: o } = file;
  if (tree === nowhere || heapAddress === nowhere) return;
  const heap = localHeap(file, heapAddress);
  const entrySize = 2 * o + 24;
  for (const { child } of treeChildren(file, tree, 0, file.lengthSize)) {
    file.expect(child, "SNOD");
    file.cover(child, 8 + 2 * file.groupLeafK * entrySize);
    const count = window.u16(child + 6);
    for (let index = 0; index < count; index++) {
      file.meter.tick();
      const at = child + 8 + index * entrySize;
      const name = file.text(heap.start + file.number(at, o), heap.end);
      if (window.u32(at + 2 * o) === 2) {
        yield { kind: "soft", name, at, target: file.text(heap.start + window.u32(at + 2 * o + 8), heap.end) };
      } else yield { kind: "hard", name, at, address: file.address(at + o) };
    }
  }
}

function linkMessage(file: Hdf5Fields, start: number): Link {
  const { window } = file;
  if (window.u8(start) !== 1) fail("UNSUPPORTED", `Link messages of version ${window.u8(start)} are not known`);
  const flags = window.u8(start + 1);
  let at = start + 2;
  const kind = flags & 8 ? window.u8(at++) : 0;
  if (flags & 4) at += 8;
  if (flags & 0x10) at++;
  const sizeBytes = 2 ** (flags & 3);
  const length = file.number(at, sizeBytes);
  at += sizeBytes;
  const name = Buffer.from(window.bytes(at, Math.min(length, 65_536))).toString("utf8");
  at += length;
  if (kind === 0) return { kind: "hard", name, at: start, address: file.address(at) };
  const size = window.u16(at);
  const value = Buffer.from(window.bytes(at + 2, size)).toString("utf8");
  if (kind === 1) return { kind: "soft", name, at: start, target: value };
  return { kind: kind === 64 ? "external" : "unknown", name, at: start, target: value.replaceAll("\0", " ").trim() };
}
