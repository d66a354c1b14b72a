import { fail } from "../../kit/errors.ts";
import type { ByteInput } from "../container/byte-input.ts";

/** Start value of every probability: one half, in 11 bits. */
export const evenOdds = 1024;
const top = 2 ** 24;

/** The range decoder of LZMA (LZMA specification, Igor Pavlov, 2015, "Range Decoder"). */
export class RangeDecoder {
  private readonly input: ByteInput;
  private range = 0;
  private code = 0;
  /** Bytes read. */
  used = 0;

  constructor(input: ByteInput) {
    this.input = input;
  }

  /** Reads the first five bytes. @throws MALFORMED when the first of them is not zero */
  start(): void {
    if (this.input.byte() !== 0) fail("MALFORMED", "LZMA data do not begin with a zero byte");
    this.range = 0xffffffff;
    this.code = 0;
    for (let n = 0; n < 4; n++) this.code = ((this.code << 8) | this.input.byte()) >>> 0;
    this.used = 5;
    if (this.code === 0xffffffff) fail("MALFORMED", "LZMA data begin with an impossible code");
  }

  /** True where the data may end: nothing is left in the decoder. */
  get finished(): boolean {
    return this.code === 0;
  }

  private fill(): void {
    const { input } = this;
    if (input.at === input.end && !input.more()) input.ended();
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | input.bytes[input.at++]!) >>> 0;
    this.used++;
  }

  /** One bit by the odds at `index`, which learn from it. */
  bit(odds: Uint16Array, index: number): number {
    const chance = odds[index]!;
    const bound = (this.range >>> 11) * chance;
    let bit: number;
    if (this.code < bound) {
      this.range = bound;
      odds[index] = chance + ((2048 - chance) >>> 5);
      bit = 0;
    } else {
      this.range -= bound;
      this.code -= bound;
      odds[index] = chance - (chance >>> 5);
      bit = 1;
    }
    if (this.range < top) this.fill();
    return bit;
  }

  /** `count` bits at even odds. */
  direct(count: number): number {
    let value = 0;
    while (count-- > 0) {
      this.range = this.range >>> 1;
      let bit = 0;
      if (this.code >= this.range) {
        this.code -= this.range;
        bit = 1;
      }
      value = value * 2 + bit;
      if (this.range < top) this.fill();
    }
    return value;
  }

  /** A number of `width` bits from the tree of odds at `base`, highest bit first. */
  tree(odds: Uint16Array, base: number, width: number): number {
    let node = 1;
    for (let n = 0; n < width; n++) node = node * 2 + this.bit(odds, base + node);
    return node - (1 << width);
  }

  /** The same, lowest bit first. */
  reverseTree(odds: Uint16Array, base: number, width: number): number {
    let node = 1;
    let value = 0;
    for (let n = 0; n < width; n++) {
      const bit = this.bit(odds, base + node);
      node = node * 2 + bit;
      value |= bit << n;
    }
    return value;
  }
}
