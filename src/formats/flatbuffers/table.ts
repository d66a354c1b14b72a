import { fail } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";

/** A table: where it begins and what its vtable says. */
export interface Table {
  readonly at: number;
  /** Offset of each field from the table's start; 0 where absent. */
  readonly fields: readonly number[];
}

/** A vector: where its elements begin and how many there are. */
export interface Vector {
  readonly at: number;
  readonly length: number;
}

const mostFields = 1000;

/**
 * Follows the offsets of a FlatBuffer with every one of them checked against the file, and remembers how far the buffer reaches.
 * Source: https://flatbuffers.dev/internals/
 */
export class FlatBuffer {
  readonly window: Window;
  readonly meter: Meter;
  /** One past the last byte that anything in the buffer points to. */
  end = 8;

  constructor(window: Window, meter: Meter) {
    this.window = window;
    this.meter = meter;
  }

  /** The root table. @throws MALFORMED */
  root(): Table {
    return this.table(this.window.u32(0));
  }

  /** The table at `at`. @throws MALFORMED when it, its vtable or a field of it lies outside the file */
  table(at: number): Table {
    this.meter.tick();
    const vtable = at - this.window.i32(at);
    const vtableSize = this.window.u16(vtable);
    const tableSize = this.window.u16(vtable + 2);
    if (vtableSize < 4 || vtableSize % 2 !== 0 || tableSize < 4) broken("a vtable has an impossible size", vtable);
    const count = (vtableSize - 4) / 2;
    if (count > mostFields) broken(`a table has ${count} fields`, vtable);
    this.#reach(vtable, vtableSize);
    this.#reach(at, tableSize);
    const fields: number[] = [];
    for (let index = 0; index < count; index++) {
      const offset = this.window.u16(vtable + 4 + 2 * index);
      if (offset !== 0 && (offset < 4 || offset >= tableSize))
        broken("a field lies outside its table", vtable + 4 + 2 * index);
      fields.push(offset);
    }
    return { at, fields };
  }

  /** Where a field's value stands, or undefined when the table leaves it out. */
  place(table: Table, field: number): number | undefined {
    const offset = table.fields[field];
    return offset ? table.at + offset : undefined;
  }

  u8(table: Table, field: number, standard = 0): number {
    const at = this.place(table, field);
    return at === undefined ? standard : this.window.u8(at);
  }

  i32(table: Table, field: number, standard = 0): number {
    const at = this.place(table, field);
    return at === undefined ? standard : this.window.i32(at);
  }

  u32(table: Table, field: number, standard = 0): number {
    const at = this.place(table, field);
    return at === undefined ? standard : this.window.u32(at);
  }

  u64(table: Table, field: number): bigint {
    const at = this.place(table, field);
    return at === undefined ? 0n : this.window.u64(at);
  }

  /** What the offset in a field points to. @throws MALFORMED outside the file */
  target(table: Table, field: number): number | undefined {
    const at = this.place(table, field);
    return at === undefined ? undefined : this.follow(at);
  }

  /** What the offset at `at` points to. @throws MALFORMED outside the file */
  follow(at: number): number {
    const to = at + this.window.u32(at);
    if (to >= this.window.size) broken(`an offset points to ${to}, beyond the end`, at);
    return to;
  }

  /** A field's vector of elements of `size` bytes. @throws MALFORMED when it does not fit into the file */
  vector(table: Table, field: number, size: number): Vector | undefined {
    const at = this.target(table, field);
    return at === undefined ? undefined : this.vectorAt(at, size);
  }

  vectorAt(at: number, size: number): Vector {
    const length = this.window.u32(at);
    if (at + 4 + length * size > this.window.size)
      broken(`a vector of ${length} elements does not fit into the file`, at);
    this.#reach(at, 4 + length * size);
    return { at: at + 4, length };
  }

  /** The tables of a field's vector of tables. @throws MALFORMED */
  *tables(table: Table, field: number): Generator<Table, void> {
    const vector = this.vector(table, field, 4);
    if (!vector) return;
    for (let index = 0; index < vector.length; index++) yield this.table(this.follow(vector.at + 4 * index));
  }

  /** A field's text, at most 64 KiB of it. @throws MALFORMED */
  text(table: Table, field: number): string {
    const vector = this.vector(table, field, 1);
    if (!vector) return "";
    this.#reach(vector.at, vector.length + 1);
    const kept = Math.min(vector.length, 65_536);
    this.meter.hold(2 * kept);
    return Buffer.from(this.window.bytes(vector.at, kept)).toString("utf8");
  }

  #reach(at: number, length: number): void {
    if (at < 0 || at + length > this.window.size) broken("something lies outside the file", at);
    if (at + length > this.end) this.end = at + length;
  }
}

function broken(what: string, at: number): never {
  fail("MALFORMED", { message: `Not a sound FlatBuffer: ${what} (offset ${at})`, where: `offset ${at}` });
}
