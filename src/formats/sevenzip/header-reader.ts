import { fail } from "../../kit/errors.ts";

/** Reads the numbers and vectors of a 7z header (7zFormat.txt of the 7-Zip sources). @throws MALFORMED at its end */
export class HeaderReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    return byte ?? fail("MALFORMED", "a 7z header ends in the middle");
  }

  take(length: number): Buffer {
    if (!(length <= this.left)) fail("MALFORMED", "a 7z header ends in the middle");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  uint32(): number {
    return this.take(4).readUInt32LE(0);
  }

  /** A number of 1 to 9 bytes: leading ones of the first byte say how many follow. */
  number(): number {
    const first = this.byte();
    let value = 0;
    let mask = 0x80;
    for (let n = 0; n < 8; n++, mask >>= 1) {
      if ((first & mask) === 0) return value + (first & (mask - 1)) * 2 ** (8 * n);
      value += this.byte() * 2 ** (8 * n);
    }
    return value;
  }

  /** A number of things of which each takes at least `bits` bits of the header or is bounded by `most`. @throws LIMIT, MALFORMED */
  count(what: string, most = 1_000_000): number {
    const count = this.number();
    if (count > most) fail("LIMIT", `a 7z header lists ${count} ${what}; at most ${most} are read`);
    return count;
  }

  /** One bit for each of `count` things, highest first. */
  bits(count: number): boolean[] {
    const bytes = this.take(Math.ceil(count / 8));
    return Array.from({ length: count }, (_, n) => (bytes[n >>> 3]! & (0x80 >>> (n & 7))) !== 0);
  }

  /** The same, with a byte in front that is not zero when all are set. */
  defined(count: number): boolean[] {
    return this.byte() !== 0 ? Array.from({ length: count }, () => true) : this.bits(count);
  }

  /** A checksum for each that has one. */
  digests(count: number): (number | undefined)[] {
    return this.defined(count).map((has) => (has ? this.uint32() : undefined));
  }
}
