import { fail } from "../../kit/errors.ts";
import type { ByteInput } from "./byte-input.ts";
import { pieceLimit, windowLimit } from "./decoder.ts";

/** Size up to which the buffer doubles. */
const growthLimit = 16 * pieceLimit;

/**
 * Output of a dictionary decoder with the part that matches may still reach. Grows as output does, so that a small file may state
 * a large dictionary. Decoders write to `bytes` at `at` after {@link History.room}.
 */
export class History {
  bytes: Uint8Array;
  /** Index of the next byte to write. */
  at = 0;
  /** Bytes written in all. */
  total = 0;
  private given = 0;
  /** Index of the first byte that matches may reach. */
  private floor = 0;
  /** How far back matches may reach. */
  private readonly reach: number;
  private readonly most: number;

  /** @throws LIMIT when matches may reach farther than {@link windowLimit} and the output does not fit it */
  constructor(reach: number, largestRoom = 4 * pieceLimit) {
    this.reach = reach;
    const kept = Math.min(reach, windowLimit);
    this.most = kept + Math.max(2 * pieceLimit, kept >>> 3) + largestRoom;
    this.bytes = new Uint8Array(Math.min(this.most, pieceLimit));
  }

  /** Makes `bytes` hold `count` more behind `at`; may move everything. */
  room(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    if (this.bytes.length < this.most) {
      const wanted = Math.max(this.at + count, this.bytes.length * 2);
      // From some size on all at once: pages that are not written to take no memory, copies do.
      const grown = new Uint8Array(wanted > growthLimit || wanted > this.most / 2 ? this.most : wanted);
      grown.set(this.bytes.subarray(0, this.at));
      this.bytes = grown;
      if (this.at + count <= grown.length) return;
    }
    const from = Math.min(this.given, Math.max(0, this.at - this.reach));
    if (this.at - from + count > this.most) {
      fail("LIMIT", {
        message: `the data need a dictionary of ${this.reach} bytes; at most ${windowLimit} are kept`,
        next: "Unpack the file with its own program and scan the result.",
      });
    }
    this.bytes.copyWithin(0, from, this.at);
    this.at -= from;
    this.given -= from;
    this.floor = Math.max(0, this.floor - from);
  }

  /** How far back a match may reach now. */
  get available(): number {
    return Math.min(this.at - this.floor, this.reach);
  }

  /** Bytes written and not yet handed out. */
  get pending(): number {
    return this.at - this.given;
  }

  /** Copies `length` bytes from `distance` before the end. The caller made room and checked that the distance is available. */
  copy(distance: number, length: number): void {
    const { bytes } = this;
    let { at } = this;
    if (distance >= length) bytes.copyWithin(at, at - distance, at - distance + length);
    else for (const end = at + length; at < end; at++) bytes[at] = bytes[at - distance]!;
    this.at += length;
  }

  /** Appends bytes. The caller made room. */
  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /**
   * Appends `count` bytes of the input, as many as there are before it complains: a loader that reads as data come has them too.
   * The caller made room. @throws MALFORMED when the input ends
   */
  putFrom(input: ByteInput, count: number): void {
    for (let left = count; left > 0; ) {
      if (!input.more()) input.ended();
      const part = input.take(Math.min(left, input.end - input.at));
      this.put(part);
      left -= part.length;
    }
  }

  /** The next piece of output, at most `most` bytes; overwritten later. */
  take(most = pieceLimit): Uint8Array {
    const end = Math.min(this.at, this.given + most);
    const piece = this.bytes.subarray(this.given, end);
    this.given = end;
    this.total += piece.length;
    return piece;
  }

  /** From here on matches may not reach what is there now. */
  reset(): void {
    this.floor = this.at;
  }
}
