import type { ByteInput } from "../container/byte-input.ts";

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
      this.hold = ((this.hold << 8) | this.input.byte()) & 0xffffffff;
      this.count += 8;
    }
    this.count -= width;
    return (this.hold >>> this.count) & ((1 << width) - 1);
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
