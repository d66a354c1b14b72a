import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { ByteInput } from "../container/byte-input.ts";
import type { Decoder } from "../container/decoder.ts";
import { quietInput } from "../container/decoder.ts";
import type { HuffmanTable } from "./huffman.ts";
import { huffmanTable } from "./huffman.ts";

// Base values and extra bits of RFC 1951 §3.2.5; Deflate64 widens length code 285 and adds distance codes 30 and 31.
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577, 32769, 49153,
];
const distanceBits = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14,
];
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const plain = {
  lengthBase: Uint32Array.from(lengthBase),
  lengthBits: Uint8Array.from(lengthBits),
  distances: 30,
  history: 32768,
};
const wide = {
  lengthBase: Uint32Array.from([...lengthBase.slice(0, 28), 3]),
  lengthBits: Uint8Array.from([...lengthBits.slice(0, 28), 16]),
  distances: 32,
  history: 65536,
};
const distanceBaseTable = Uint32Array.from(distanceBase);
const distanceBitsTable = Uint8Array.from(distanceBits);

const fixedLengths = Uint8Array.from({ length: 320 }, (_, n) =>
  n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : n < 288 ? 8 : 5,
);
const fixedLiterals = huffmanTable(fixedLengths, 0, 288, "fixed literal");
const fixedDistances = huffmanTable(fixedLengths, 288, 320, "fixed distance");

/** Output handed out at once; the buffer holds this, the history and one longest match. */
const room = 256 * 1024;
const nothing = new Uint8Array(0);

/**
 * Raw deflate data (RFC 1951), or Deflate64 (zip method 9), beginning at `start` of `source`.
 * `offset` after the end is the byte after the last one that holds bits of the stream.
 */
export function inflate(source: ByteSource, start = 0, deflate64 = false): Decoder {
  return new Inflate(new ByteInput(source, start), deflate64 ? wide : plain);
}

class Inflate implements Decoder {
  private readonly input: ByteInput;
  private readonly codes: typeof plain;
  private readonly out: Uint8Array;
  /** Bytes in `out`, and how many of them were handed out. */
  private filled = 0;
  private given = 0;
  /** Bits read ahead, lowest first. */
  private hold = 0;
  private bits = 0;
  /** Zero bytes invented behind the end of the input, to read ahead over it. */
  private invented = 0;
  private mode: "header" | "stored" | "codes" | "done" = "header";
  private last = false;
  private stored = 0;
  private literals: HuffmanTable = fixedLiterals;
  private distances: HuffmanTable = fixedDistances;
  private problem: unknown;

  constructor(input: ByteInput, codes: typeof plain) {
    this.input = input;
    this.codes = codes;
    this.out = new Uint8Array(codes.history + room + 65536 + 3);
  }

  get offset(): number {
    return this.input.offset - (this.bits >>> 3) + this.invented;
  }

  next(): Uint8Array | undefined {
    if (this.problem) throw this.problem;
    if (this.given > this.codes.history) {
      // Keep the history, forget the rest.
      const keep = Math.min(this.filled, this.codes.history);
      this.out.copyWithin(0, this.filled - keep, this.filled);
      this.filled = keep;
      this.given = keep;
    }
    const from = this.given;
    const quiet = this.input.offset + quietInput;
    try {
      while (this.mode !== "done" && this.filled - from < room) {
        if (this.mode === "header") this.header();
        else if (this.mode === "stored") this.copyStored(from + room);
        else this.decode(from + room);
        if (this.filled === from && this.input.offset > quiet) return nothing;
      }
    } catch (error) {
      this.problem = error;
      if (this.filled === from) throw error;
    }
    this.given = this.filled;
    return this.filled > from ? this.out.subarray(from, this.filled) : undefined;
  }

  private take(count: number): number {
    while (this.bits < count) {
      const { input } = this;
      if (input.at === input.end && !input.more()) input.ended();
      this.hold |= input.bytes[input.at++]! << this.bits;
      this.bits += 8;
    }
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.bits -= count;
    return value;
  }

  private header(): void {
    if (this.last) {
      this.mode = "done";
      return;
    }
    this.last = this.take(1) === 1;
    const type = this.take(2);
    if (type === 0) {
      this.take(this.bits & 7);
      this.stored = this.take(16);
      if ((this.take(16) ^ 0xffff) !== this.stored)
        fail("MALFORMED", this.at("a stored block's length and its complement differ"));
      this.mode = this.stored > 0 ? "stored" : "header";
    } else if (type === 1) {
      this.literals = fixedLiterals;
      this.distances = fixedDistances;
      this.mode = "codes";
    } else if (type === 2) {
      this.readCodes();
      this.mode = "codes";
    } else fail("MALFORMED", this.at("a block has the reserved type 3"));
  }

  private at(message: string): { message: string; where: string } {
    return { message, where: `byte ${this.offset}` };
  }

  private copyStored(limit: number): void {
    const { input } = this;
    while (this.stored > 0 && this.filled < limit) {
      if (this.bits > 0) {
        this.out[this.filled++] = this.take(8);
        this.stored--;
        continue;
      }
      if (!input.more()) input.ended();
      const length = Math.min(this.stored, input.end - input.at, limit - this.filled);
      this.out.set(input.bytes.subarray(input.at, input.at + length), this.filled);
      input.at += length;
      this.filled += length;
      this.stored -= length;
    }
    if (this.stored === 0) this.mode = "header";
  }

  private readCodes(): void {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const ordered = this.take(4) + 4;
    if (literals > 286 || (distances > 30 && this.codes.distances === 30))
      fail("MALFORMED", this.at("a block states too many codes"));
    const small = new Uint8Array(19);
    for (let n = 0; n < ordered; n++) small[lengthOrder[n]!] = this.take(3);
    const { table, bits } = huffmanTable(small, 0, 19, "code length");
    const lengths = new Uint8Array(literals + distances);
    for (let n = 0; n < lengths.length; ) {
      const symbol = this.symbol(table, bits);
      if (symbol < 16) {
        lengths[n++] = symbol;
        continue;
      }
      if (symbol === 16 && n === 0) fail("MALFORMED", this.at("a code length repeats one that does not exist"));
      const value = symbol === 16 ? lengths[n - 1]! : 0;
      const times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (n + times > lengths.length) fail("MALFORMED", this.at("code lengths run past their end"));
      lengths.fill(value, n, n + times);
      n += times;
    }
    if (lengths[256] === 0) fail("MALFORMED", this.at("a block has no code for its end"));
    this.literals = huffmanTable(lengths, 0, literals, "literal");
    this.distances = huffmanTable(lengths, literals, lengths.length, "distance");
  }

  /** One symbol, bit by bit at the end of the input where fewer than `most` bits may be left. */
  private symbol(table: Uint16Array, most: number): number {
    for (;;) {
      const entry = table[this.hold & ((1 << most) - 1)]!;
      const length = entry & 15;
      if (length > 0 && length <= this.bits) {
        this.hold >>>= length;
        this.bits -= length;
        return entry >>> 4;
      }
      if (this.bits >= most) fail("MALFORMED", this.at("bits that are no code"));
      const { input } = this;
      if (input.at === input.end && !input.more()) input.ended();
      this.hold |= input.bytes[input.at++]! << this.bits;
      this.bits += 8;
    }
  }

  /** Literals and matches until the block ends or `limit` is reached. */
  private decode(limit: number): void {
    const { input, out, codes } = this;
    const { table: literals, bits: literalBits } = this.literals;
    const { table: distances, bits: distanceBits } = this.distances;
    const literalMask = (1 << literalBits) - 1;
    const distanceMask = (1 << distanceBits) - 1;
    let { hold, bits, filled } = this;
    let { bytes, at, end } = input;
    try {
      while (filled < limit) {
        while (bits < 25) {
          if (at === end) {
            input.at = at;
            if (input.more()) ({ bytes, at, end } = input);
            else {
              // Zeros behind the end are read ahead; `bits` tells below whether they were used.
              if (++this.invented > 8) input.ended();
              bits += 8;
              continue;
            }
          }
          hold |= bytes[at++]! << bits;
          bits += 8;
        }
        const entry = literals[hold & literalMask]!;
        const width = entry & 15;
        if (width === 0)
          fail("MALFORMED", { message: "bits that are no code", where: `byte ${input.offset - (input.at - at)}` });
        hold >>>= width;
        bits -= width;
        const symbol = entry >>> 4;
        if (symbol < 256) {
          out[filled++] = symbol;
          continue;
        }
        if (symbol === 256) {
          this.mode = "header";
          break;
        }
        const index = symbol - 257;
        if (index > 28) fail("MALFORMED", "a match has a length that does not exist");
        const extra = codes.lengthBits[index]!;
        if (bits < extra) {
          const more = this.widen(hold, bits, at);
          ({ hold, bits } = more);
          ({ bytes, at, end } = input);
        }
        let length = codes.lengthBase[index]! + (hold & ((1 << extra) - 1));
        hold >>>= extra;
        bits -= extra;
        while (bits < 25 && at < end) {
          hold |= bytes[at++]! << bits;
          bits += 8;
        }
        if (bits < 15) {
          const more = this.widen(hold, bits, at);
          ({ hold, bits } = more);
          ({ bytes, at, end } = input);
        }
        const place = distances[hold & distanceMask]!;
        const placeWidth = place & 15;
        if (placeWidth === 0) fail("MALFORMED", "a match has a distance that is no code");
        hold >>>= placeWidth;
        bits -= placeWidth;
        const code = place >>> 4;
        if (code >= codes.distances) fail("MALFORMED", "a match has a distance that does not exist");
        const placeBits = distanceBitsTable[code]!;
        while (bits < 25 && at < end) {
          hold |= bytes[at++]! << bits;
          bits += 8;
        }
        if (bits < placeBits) {
          const more = this.widen(hold, bits, at);
          ({ hold, bits } = more);
          ({ bytes, at, end } = input);
        }
        const distance = distanceBaseTable[code]! + (hold & ((1 << placeBits) - 1));
        hold >>>= placeBits;
        bits -= placeBits;
        let from = filled - distance;
        if (from < 0) fail("MALFORMED", "a match reaches before the start of the data");
        while (length-- > 0) out[filled++] = out[from++]!;
      }
    } finally {
      input.at = at;
      Object.assign(this, { hold, bits, filled });
    }
    if (this.invented * 8 > bits) input.ended();
    this.bits -= this.invented * 8;
    this.invented = 0;
  }

  /** At least 25 bits in `hold`. */
  private widen(hold: number, bits: number, at: number): { hold: number; bits: number } {
    const { input } = this;
    input.at = at;
    while (bits < 25) {
      if (input.at === input.end && !input.more()) {
        if (++this.invented > 8) input.ended();
      } else hold |= input.bytes[input.at++]! << bits;
      bits += 8;
    }
    return { hold, bits };
  }
}
