import type { ByteInput } from "../container/byte-input.ts";

/** Bits that the tables of {@link BitInput.lookup} cover. */
export const lookupBits = 10;

/** Bits from a byte input, highest first, as bzip2 packs them. */
export class BitInput {
  private readonly input: ByteInput;
  private hold = 0;
  private count = 0;

  constructor(input: ByteInput) {
    this.input = input;
  }

  /** Place of the next byte of which no bit was read. */
  get offset(): number {
    return this.input.offset - (this.count >>> 3);
  }

  /** The next `width` bits, at most 24. @throws MALFORMED at the end */
  read(width: number): number {
    while (this.count < width) {
      this.hold = (this.hold << 8) | this.input.byte();
      this.count += 8;
    }
    this.count -= width;
    return (this.hold >>> this.count) & ((1 << width) - 1);
  }

  /**
   * A symbol by the table of its code's first {@link lookupBits} bits (symbol << 5 | width), where it has one; otherwise -1, and
   * nothing is read.
   */
  lookup(table: Uint16Array): number {
    if (this.count < lookupBits) {
      const { input } = this;
      while (this.count <= 24 && input.at < input.end) {
        this.hold = (this.hold << 8) | input.bytes[input.at++]!;
        this.count += 8;
      }
      // At the end of a piece of input the slow way takes over.
      if (this.count < lookupBits) return -1;
    }
    const entry = table[(this.hold >>> (this.count - lookupBits)) & ((1 << lookupBits) - 1)]!;
    if (entry === 0) return -1;
    this.count -= entry & 31;
    return entry >>> 5;
  }

  /** The next bytes; the input must be at a byte's boundary. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.read(8));
  }

  /** Skips to the next byte's boundary. */
  align(): void {
    this.count -= this.count & 7;
  }
}
