import { fail } from "../../kit/errors.ts";
import type { ByteInput } from "../container/byte-input.ts";
import type { History } from "../container/history.ts";
import { evenOdds, RangeDecoder } from "./range-decoder.ts";

const states = 12;
const posStatesMost = 16;
const lengthsLow = 8;

/** Odds of a length: two choices, trees for short, middle and long lengths. */
class LengthDecoder {
  private readonly choice = new Uint16Array(2).fill(evenOdds);
  private readonly low = new Uint16Array(posStatesMost * lengthsLow).fill(evenOdds);
  private readonly middle = new Uint16Array(posStatesMost * lengthsLow).fill(evenOdds);
  private readonly high = new Uint16Array(256).fill(evenOdds);

  reset(): void {
    for (const odds of [this.choice, this.low, this.middle, this.high]) odds.fill(evenOdds);
  }

  read(range: RangeDecoder, posState: number): number {
    if (range.bit(this.choice, 0) === 0) return 2 + range.tree(this.low, posState * lengthsLow, 3);
    if (range.bit(this.choice, 1) === 0) return 10 + range.tree(this.middle, posState * lengthsLow, 3);
    return 18 + range.tree(this.high, 0, 8);
  }
}

/** Literal context, position and state bits (lc, lp, pb). */
export interface LzmaProperties {
  readonly lc: number;
  readonly lp: number;
  readonly pb: number;
}

/** lc, lp and pb from their common byte. @throws MALFORMED */
export function lzmaProperties(byte: number): LzmaProperties {
  if (byte >= 225) fail("MALFORMED", "LZMA properties are out of range");
  return { lc: byte % 9, lp: Math.floor(byte / 9) % 5, pb: Math.floor(byte / 45) };
}

/**
 * The LZMA decoder proper (LZMA specification, Igor Pavlov, 2015): literals and matches from a range decoder into a history.
 * LZMA and LZMA2 drive it.
 */
export class LzmaCore {
  readonly range: RangeDecoder;
  private readonly history: History;
  private literals: Uint16Array = new Uint16Array(0);
  private properties: LzmaProperties = { lc: 0, lp: 0, pb: 0 };
  private readonly isMatch = new Uint16Array(states * posStatesMost);
  private readonly isRep = new Uint16Array(states);
  private readonly isRepG0 = new Uint16Array(states);
  private readonly isRepG1 = new Uint16Array(states);
  private readonly isRepG2 = new Uint16Array(states);
  private readonly isRep0Long = new Uint16Array(states * posStatesMost);
  private readonly slots = new Uint16Array(4 * 64);
  private readonly special = new Uint16Array(1 + 128 - 14);
  private readonly align = new Uint16Array(16);
  private readonly lengths = new LengthDecoder();
  private readonly repLengths = new LengthDecoder();
  private state = 0;
  private reps: [number, number, number, number] = [0, 0, 0, 0];
  /** Bytes since the last dictionary reset: contexts depend on it. */
  private position = 0;

  constructor(input: ByteInput, history: History) {
    this.range = new RangeDecoder(input);
    this.history = history;
  }

  /** Forgets everything learnt. */
  resetState(properties: LzmaProperties = this.properties): void {
    this.properties = properties;
    const size = 0x300 << (properties.lc + properties.lp);
    if (this.literals.length !== size) this.literals = new Uint16Array(size);
    this.literals.fill(evenOdds);
    for (const odds of [this.isMatch, this.isRep, this.isRepG0, this.isRepG1, this.isRepG2, this.isRep0Long])
      odds.fill(evenOdds);
    for (const odds of [this.slots, this.special, this.align]) odds.fill(evenOdds);
    this.lengths.reset();
    this.repLengths.reset();
    this.state = 0;
    this.reps = [0, 0, 0, 0];
  }

  /** A new dictionary begins: positions count from here. */
  resetPosition(): void {
    this.position = 0;
  }

  /** Bytes that did not come through this decoder (LZMA2's uncompressed chunks). */
  skip(count: number): void {
    this.position += count;
  }

  /**
   * Decodes literals and matches into the history until `count` bytes were written (exactly: a match may not cross), or the end
   * marker came. The caller has made room. Returns true for the end marker.
   * @throws MALFORMED
   */
  decode(count: number, mayCross: boolean): boolean {
    const { range, history } = this;
    const { lc, lp, pb } = this.properties;
    const posMask = (1 << pb) - 1;
    const literalMask = (1 << lp) - 1;
    const start = history.at;
    const end = start + count;
    let { state } = this;
    let [rep0, rep1, rep2, rep3] = this.reps;
    const base = this.position - start;
    const { bytes } = history;
    try {
      while (history.at < end) {
        const at = history.at;
        const posState = (base + at) & posMask;
        if (range.bit(this.isMatch, state * posStatesMost + posState) === 0) {
          const before = at > 0 && base + at > 0 ? bytes[at - 1]! : 0;
          const context = (((base + at) & literalMask) << lc) + (before >>> (8 - lc));
          bytes[at] = this.literal(context * 0x300, state >= 7 ? this.byteAt(rep0) : -1);
          history.at = at + 1;
          state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
          continue;
        }
        let length: number;
        if (range.bit(this.isRep, state) === 0) {
          rep3 = rep2;
          rep2 = rep1;
          rep1 = rep0;
          length = this.lengths.read(range, posState);
          rep0 = this.distance(length);
          state = state < 7 ? 7 : 10;
          if (rep0 === 0xffffffff) return true;
        } else {
          if (range.bit(this.isRepG0, state) === 0) {
            if (range.bit(this.isRep0Long, state * posStatesMost + posState) === 0) {
              state = state < 7 ? 9 : 11;
              bytes[at] = this.byteAt(rep0);
              history.at = at + 1;
              continue;
            }
          } else if (range.bit(this.isRepG1, state) === 0) {
            [rep0, rep1] = [rep1, rep0];
          } else if (range.bit(this.isRepG2, state) === 0) {
            [rep0, rep1, rep2] = [rep2, rep0, rep1];
          } else [rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
          length = this.repLengths.read(range, posState);
          state = state < 7 ? 8 : 11;
        }
        if (rep0 >= history.available) fail("MALFORMED", "LZMA data refer to bytes before their start");
        if (at + length > end && !mayCross) fail("MALFORMED", "LZMA data are longer than stated");
        history.copy(rep0 + 1, length);
      }
    } finally {
      this.state = state;
      this.reps = [rep0, rep1, rep2, rep3];
      this.position = base + history.at;
    }
    return false;
  }

  private byteAt(distance: number): number {
    const { history } = this;
    if (distance >= history.available) fail("MALFORMED", "LZMA data refer to bytes before their start");
    return history.bytes[history.at - distance - 1]!;
  }

  private literal(base: number, match: number): number {
    const { range, literals } = this;
    let symbol = 1;
    if (match >= 0) {
      // After a match, the byte that would have continued it helps to guess.
      do {
        const bit = (match >>> 7) & 1;
        match = (match << 1) & 0xff;
        const read = range.bit(literals, base + ((1 + bit) << 8) + symbol);
        symbol = symbol * 2 + read;
        if (read !== bit) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = symbol * 2 + range.bit(literals, base + symbol);
    return symbol & 0xff;
  }

  private distance(length: number): number {
    const { range } = this;
    const slot = range.tree(this.slots, Math.min(length - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const extra = (slot >>> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** extra;
    if (slot < 14) return high + range.reverseTree(this.special, high - slot, extra);
    return high + range.direct(extra - 4) * 16 + range.reverseTree(this.align, 0, 4);
  }
}
