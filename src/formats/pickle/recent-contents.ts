import type { Handle } from "./handle.ts";
import { madeAt } from "./handle.ts";

const wideKept = 1024;
const widest = 96;

/**
 * What was last put into small tuples, lists and dictionaries. Arguments of a call are nearly always made right before it,
 * so a direct-mapped cache in typed arrays remembers them without an object per container; what falls out is "not
 * known", never something else.
 */
export class RecentContents {
  private readonly slots: number;
  private readonly width: number;
  private readonly owner: Float64Array;
  private readonly count: Int32Array;
  private readonly data: Float64Array;
  private readonly wide = new Map<Handle, Handle[]>();

  /** `slots` is a power of two. */
  constructor(slots: number, width: number) {
    this.slots = slots;
    this.width = width;
    this.owner = new Float64Array(slots);
    this.count = new Int32Array(slots);
    this.data = new Float64Array(slots * width);
  }

  /** Remembers `count` values of `from` starting at `start` as the contents of `container`. */
  set(container: Handle, from: Float64Array, start: number, count: number): void {
    if (count > this.width) {
      if (count <= widest) this.setWide(container, Array.from(from.subarray(start, start + count)));
      return;
    }
    const slot = madeAt(container) & (this.slots - 1);
    this.owner[slot] = container;
    this.count[slot] = count;
    const at = slot * this.width;
    for (let i = 0; i < count; i++) this.data[at + i] = from[start + i]!;
  }

  /** Remembers one value as the contents of `container`. */
  setOne(container: Handle, value: Handle): void {
    const slot = madeAt(container) & (this.slots - 1);
    this.owner[slot] = container;
    this.count[slot] = 1;
    this.data[slot * this.width] = value;
  }

  /** Adds values to a container whose contents are known; those of another stay unknown. */
  add(container: Handle, from: Float64Array, start: number, count: number): void {
    const slot = madeAt(container) & (this.slots - 1);
    const held = this.count[slot]!;
    if (this.owner[slot] === container && held + count <= this.width) {
      const at = slot * this.width + held;
      for (let i = 0; i < count; i++) this.data[at + i] = from[start + i]!;
      this.count[slot] = held + count;
      return;
    }
    const before = this.get(container);
    this.forget(container);
    if (before !== undefined && before.length + count <= widest) {
      this.setWide(container, [...before, ...from.subarray(start, start + count)]);
    }
  }

  /** The contents of a container, if they are still known. */
  get(container: Handle): Handle[] | undefined {
    const slot = madeAt(container) & (this.slots - 1);
    if (this.owner[slot] === container) {
      const at = slot * this.width;
      const values: Handle[] = [];
      for (let i = 0; i < this.count[slot]!; i++) values.push(this.data[at + i]!);
      return values;
    }
    return this.wide.get(container);
  }

  private forget(container: Handle): void {
    const slot = madeAt(container) & (this.slots - 1);
    if (this.owner[slot] === container) this.owner[slot] = 0;
    this.wide.delete(container);
  }

  private setWide(container: Handle, values: Handle[]): void {
    if (this.wide.size >= wideKept) {
      const [oldest] = this.wide.keys();
      if (oldest !== undefined) this.wide.delete(oldest);
    }
    this.wide.set(container, values);
  }
}
