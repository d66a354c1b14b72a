import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";

const pieceSize = 64 * 1024;
const nothing = new Uint8Array(0);

/**
 * Reads a source from front to back through one buffer. Decoders take `bytes`, `at` and `end` into local variables in their
 * inner loops, write `at` back, and call `more` when the buffer is used up.
 */
export class ByteInput {
  bytes: Uint8Array = nothing;
  /** Index of the next byte in `bytes`. */
  at = 0;
  /** Index behind the last byte in `bytes`. */
  end = 0;
  private readonly source: ByteSource;
  /** Place in the source of the byte after the buffer. */
  private next: number;

  constructor(source: ByteSource, start = 0) {
    this.source = source;
    this.next = start;
  }

  /** Place in the source of the next byte. */
  get offset(): number {
    return this.next - (this.end - this.at);
  }

  /** Bytes that are left. */
  get left(): number {
    return Math.max(0, this.source.size - this.offset);
  }

  /** Loads the next piece once the buffer is used up. False at the end of the source. @throws IO */
  more(): boolean {
    if (this.at < this.end) return true;
    const bytes = this.source.read(this.next, pieceSize);
    if (bytes.length === 0) return false;
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.next += bytes.length;
    return true;
  }

  /** The next byte. @throws MALFORMED at the end of the source */
  byte(): number {
    if (this.at === this.end && !this.more()) this.ended();
    return this.bytes[this.at++]!;
  }

  /** The next `length` bytes, which may be the buffer's own: copy what is to be kept. @throws MALFORMED when fewer are left */
  take(length: number): Uint8Array {
    if (this.end - this.at >= length) {
      this.at += length;
      return this.bytes.subarray(this.at - length, this.at);
    }
    if (length > this.left) this.ended();
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (!this.more()) this.ended();
      const part = this.bytes.subarray(this.at, Math.min(this.end, this.at + length - filled));
      taken.set(part, filled);
      filled += part.length;
      this.at += part.length;
    }
    return taken;
  }

  /** Little-endian unsigned number of 2 or 4 bytes. @throws MALFORMED */
  uint16(): number {
    return this.byte() | (this.byte() << 8);
  }

  uint32(): number {
    return (this.uint16() | (this.uint16() << 16)) >>> 0;
  }

  /** Goes to `offset` in the source. */
  seek(offset: number): void {
    this.at = 0;
    this.end = 0;
    this.bytes = nothing;
    this.next = offset;
  }

  /** @throws MALFORMED: the source ended too early */
  ended(): never {
    return fail("MALFORMED", { message: "the data ends in the middle", where: `byte ${this.source.size}` });
  }
}
