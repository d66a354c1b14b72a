import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Flaw } from "../reading/flaw.ts";
import { flawList } from "../reading/flaw.ts";
import type { Gap } from "../reading/gap.ts";
import { gapOf } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";

/** An address that says "nowhere" (all bits set). */
export const nowhere = -1;
const mostGaps = 100;
const mostExtents = 2_000_000;

/** An HDF5 file under examination: its bytes in the sizes its superblock states, and what has been found so far. */
export class Hdf5Fields {
  readonly window: Window;
  readonly meter: Meter;
  offsetSize = 8;
  lengthSize = 8;
  /** Where addresses count from. */
  base = 0;
  groupLeafK = 4;
  groupInternalK = 16;
  chunkK = 32;
  readonly extents: { readonly start: number; readonly end: number }[] = [];
  readonly gaps: Gap[] = [];
  /** Some structure's room is not known, so nothing can be said about bytes between structures. */
  coverageUnknown = false;
  private readonly list = flawList();
  private readonly seen = new Set<string>();

  constructor(source: ByteSource, meter: Meter) {
    this.window = new Window(source, "HDF5");
    this.meter = meter;
  }

  get flaws(): readonly Flaw[] {
    return this.list.flaws;
  }

  flaw(rule: string, severity: Flaw["severity"], why: string, offset: number): void {
    this.list.add({ rule, severity, why, offset });
  }

  gap(why: string, offset?: number): void {
    if (this.gaps.length < mostGaps) this.gaps.push(offset === undefined ? { why } : { why, offset });
  }

  /** Runs `step`; what it cannot read becomes a gap. */
  attempt(what: string, offset: number, step: () => void): void {
    try {
      step();
    } catch (error) {
      const { why } = gapOf(error);
      this.gap(`${what}: ${why}`, offset);
    }
  }

  /** True the first time; a structure reached again is not read again. */
  first(what: string, address: number): boolean {
    const key = `${what}${address}`;
    if (this.seen.has(key)) return false;
    this.meter.hold(64);
    this.seen.add(key);
    return true;
  }

  cover(start: number, length: number): void {
    if (this.extents.length >= mostExtents) this.coverageUnknown = true;
    else if (length > 0) {
      this.meter.hold(32);
      this.extents.push({ start, end: start + length });
    }
  }

  /** A little-endian number of up to 8 bytes. @throws MALFORMED when it is beyond what a file can hold */
  number(at: number, bytes: number): number {
    let value = 0;
    for (let index = bytes - 1; index >= 0; index--) value = value * 256 + this.window.u8(at + index);
    return Number.isSafeInteger(value)
      ? value
      : fail("MALFORMED", { message: `The number at byte ${at} is impossibly large`, where: `byte ${at}` });
  }

  length(at: number): number {
    return this.number(at, this.lengthSize);
  }

  /** An address as a place in the file, or {@link nowhere}. */
  address(at: number): number {
    let none = true;
    for (let index = 0; none && index < this.offsetSize; index++) none = this.window.u8(at + index) === 0xff;
    return none ? nowhere : this.base + this.number(at, this.offsetSize);
  }

  /** @throws MALFORMED when the four letters at `at` are others */
  expect(at: number, letters: string): void {
    const found = Buffer.from(this.window.bytes(at, 4)).toString("latin1");
    if (found !== letters) fail("MALFORMED", { message: `${letters} should stand at byte ${at}`, where: `byte ${at}` });
  }

  /** Text up to a zero byte or `end`. */
  text(at: number, end: number): string {
    let stop = at;
    while (stop < end && this.window.u8(stop) !== 0) stop++;
    return Buffer.from(this.window.bytes(at, Math.min(stop - at, 65_536))).toString("utf8");
  }
}

/** Bytes needed for numbers up to `value`. */
export function bytesFor(value: number): number {
  return Math.floor(Math.log2(Math.max(1, value)) / 8) + 1;
}
