import { fail } from "../../kit/errors.ts";

/** Bits that are read from the end of a range of bytes towards its start (RFC 8878 §4.1). `left` below 0: read past the start. */
export class BackwardBits {
  left: number;
  private readonly bytes: Uint8Array;
  private readonly start: number;

  /** @throws MALFORMED when the last byte, which marks the end, is zero */
  constructor(bytes: Uint8Array, start: number, end: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) fail("MALFORMED", "a Zstandard bit stream has no end mark");
    this.bytes = bytes;
    this.start = start;
    this.left = (end - start) * 8 - 1 - Math.clz32(last) + 24;
  }

  /** The next `width` bits, at most 24, without reading them; zeros before the start. */
  peek(width: number): number {
    const from = this.left - width;
    if (from < 0) {
      if (this.left <= 0) return 0;
      return (this.at(0) & ((1 << this.left) - 1)) << -from;
    }
    return (this.at(from) >>> 0) & ((1 << width) - 1);
  }

  /** The next `width` bits, at most 24. */
  read(width: number): number {
    const value = this.peek(width);
    this.left -= width;
    return value;
  }

  /** The next `width` bits, at most 31. */
  readLong(width: number): number {
    if (width <= 24) return this.read(width);
    const high = this.read(width - 16);
    return high * 65536 + this.read(16);
  }

  private at(bit: number): number {
    const { bytes } = this;
    const index = this.start + (bit >>> 3);
    const word =
      bytes[index]! |
      ((bytes[index + 1] ?? 0) << 8) |
      ((bytes[index + 2] ?? 0) << 16) |
      ((bytes[index + 3] ?? 0) << 24);
    return word >>> (bit & 7);
  }
}
