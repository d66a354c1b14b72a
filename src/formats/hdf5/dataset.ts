import { readBtree2 } from "./btree-v2.ts";
import { datatypeOf, elementsOf } from "./attribute.ts";
import { nowhere } from "./fields.ts";
import type { Hdf5Fields } from "./fields.ts";
import { heapObjectAt } from "./global-heap.ts";
import { localHeap, treeChildren } from "./group.ts";
import type { Message } from "./object-header.ts";

const filterNames = new Set([1, 2, 3, 4, 5, 6, 32_000]);

/** Something outside of the file that a dataset's values come from. */
export type Outside = (how: string, target: string, at: number) => void;

/** Accounts for a dataset's values and tells where else they come from. Source: specification IV.A.2.h, i, l. @throws MALFORMED */
export function examineDataset(file: Hdf5Fields, messages: readonly Message[], path: string, outside: Outside): void {
  for (const message of messages) {
    if (message.type === 0x07) externalFiles(file, message.at, outside);
    if (message.type === 0x0b) filters(file, message, path);
  }
  const layout = messages.find(({ type }) => type === 0x08);
  if (!layout) return;
  const { window, offsetSize: o, lengthSize: l } = file;
  const { at } = layout;
  const version = window.u8(at);
  const type = messages.find((message) => message.type === 0x03);
  const space = messages.find((message) => message.type === 0x01);
  const bytes =
    type && space && !(type.flags & 2) ? datatypeOf(file, type.at).size * elementsOf(file, space.at) : undefined;
  if (version < 3) {
    const rank = window.u8(at + 1);
    const kind = window.u8(at + 2);
    const place = kind === 0 ? nowhere : file.address(at + 8);
    if (kind === 1) data(file, place, bytes ?? 0, path, at);
    else if (kind === 2) chunks(file, place, rank - 1);
    else if (kind !== 0) file.gap(`dataset ${path} is laid out in an unknown way`, at);
    return;
  }
  const kind = window.u8(at + 1);
  if (version > 4 || kind > 3) return file.gap(`dataset ${path} is laid out in an unknown way`, at);
  if (kind === 1) data(file, file.address(at + 2), file.length(at + 2 + o), path, at);
  else if (kind === 2 && version === 3) chunks(file, file.address(at + 3), window.u8(at + 2) - 1);
  else if (kind === 2) indexedChunks(file, at);
  else if (kind === 3) {
    const heap = file.address(at + 2);
    if (heap === nowhere) return;
    const object = heapObjectAt(file, heap, window.u32(at + 2 + o));
    outside("a virtual dataset", file.text(object.at + 1 + l, object.at + object.length), at);
  }
}

function data(file: Hdf5Fields, place: number, length: number, path: string, at: number): void {
  if (place === nowhere || length === 0) return;
  if (place + length > file.window.size) {
    file.flaw(
      "beyond-end",
      "medium",
      `the values of dataset ${path} are said to end at byte ${place + length}, behind the end of the file`,
      at,
    );
    file.gap(`the values of dataset ${path} are cut off`, at);
  }
  file.cover(place, length);
}

function chunks(file: Hdf5Fields, tree: number, rank: number): void {
  if (tree === nowhere) return;
  for (const { key, child } of treeChildren(file, tree, 1, 8 + (rank + 1) * 8)) {
    if (child !== nowhere) file.cover(child, file.window.u32(key));
  }
}

/** Chunk indexes of layout version 4: their extents are known for the simplest one only. */
function indexedChunks(file: Hdf5Fields, at: number): void {
  const { window } = file;
  const flags = window.u8(at + 2);
  const rank = window.u8(at + 3);
  const index = at + 5 + rank * window.u8(at + 4);
  const kind = window.u8(index);
  if (kind === 1 && flags & 2)
    data(file, file.address(index + 1 + file.lengthSize + 4), file.length(index + 1), "", at);
  else file.coverageUnknown = true;
  if (kind === 5) {
    const tree = file.address(index + 7);
    if (tree !== nowhere) for (const record of readBtree2(file, tree)) if (record.size === 0) return;
  }
}

function externalFiles(file: Hdf5Fields, at: number, outside: Outside): void {
  const { window, offsetSize: o, lengthSize: l } = file;
  const used = window.u16(at + 6);
  const heapAddress = file.address(at + 8);
  const heap = heapAddress === nowhere ? undefined : localHeap(file, heapAddress);
  for (let slot = 0; slot < used; slot++) {
    file.meter.tick();
    const name = heap ? file.text(heap.start + file.length(at + 8 + o + slot * 3 * l), heap.end) : "";
    outside("external storage", name, at);
  }
}

function filters(file: Hdf5Fields, { at, size }: Message, path: string): void {
  const { window } = file;
  const version = window.u8(at);
  const count = window.u8(at + 1);
  let place = at + (version === 1 ? 8 : 2);
  for (let index = 0; index < count && place + 8 <= at + size; index++) {
    const id = window.u16(place);
    const named = version === 1 || id >= 256;
    const nameLength = named ? window.u16(place + 2) : 0;
    const values = window.u16(place + (named ? 6 : 4));
    if (!filterNames.has(id)) {
      file.flaw(
        "filter",
        "medium",
        `dataset ${path} needs filter ${id}, a library that HDF5 loads from its plug-in folder`,
        place,
      );
      file.gap(`dataset ${path} is stored through the unknown filter ${id}`, place);
    }
    const padded = version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength;
    place += (named ? 8 : 6) + padded + 4 * (version === 1 && values % 2 === 1 ? values + 1 : values);
  }
}
