import { fail } from "../../kit/errors.ts";
import type { BitInput } from "./bit-input.ts";
import { lookupBits } from "./bit-input.ts";

const groupSize = 50;
const longestCode = 20;

/** A Huffman code of one table of a block: for each length the largest code, and the symbols in order of their codes. */
interface Code {
  readonly shortest: number;
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  /** Codes that are short enough, by the bits they begin with. */
  readonly table: Uint16Array;
}

/** One block: read in full, then undone piece by piece (Burrows-Wheeler transform, then runs). */
export class BlockReader {
  readonly checksum: number;
  done = false;
  private readonly next: Uint32Array;
  private left: number;
  private place: number;
  /** State of the run-length decoding: the last byte, how often it came, how often it still is to come. */
  private last = -1;
  private repeats = 0;
  private pending = 0;

  /** Reads the block behind its magic number. @throws MALFORMED, UNSUPPORTED */
  constructor(bits: BitInput, capacity: number) {
    this.checksum = (bits.read(16) * 65536 + bits.read(16)) >>> 0;
    if (bits.read(1) === 1) fail("UNSUPPORTED", "a bzip2 block is randomised, as only versions before 0.9.5 did");
    const origin = bits.read(24);
    const symbols = readSymbols(bits);
    const alphabet = symbols.length + 2;
    const tables = bits.read(3);
    const selectorCount = bits.read(15);
    if (tables < 2 || tables > 6 || selectorCount === 0)
      fail("MALFORMED", "a bzip2 block has an impossible number of tables");
    const selectors = readSelectors(bits, tables, selectorCount);
    const codes = Array.from({ length: tables }, () => readCode(bits, alphabet));
    const data = new Uint32Array(capacity);
    const counts = new Uint32Array(256);
    const length = readData(bits, data, counts, symbols, codes, selectors);
    if (origin >= length) fail("MALFORMED", "a bzip2 block starts outside itself");

    // Undo the transform: `next` of a place is where its successor stands, above the byte itself.
    const starts = new Uint32Array(256);
    for (let n = 1; n < 256; n++) starts[n] = starts[n - 1]! + counts[n - 1]!;
    for (let n = 0; n < length; n++) {
      const byte = data[n]! & 0xff;
      data[starts[byte]!++]! |= n << 8;
    }
    this.next = data;
    this.left = length;
    this.place = data[origin]! >>> 8;
  }

  /** Writes to out[from, to) and returns how far it came. */
  fill(out: Uint8Array, from: number, to: number): number {
    const { next } = this;
    let { left, place, last, repeats, pending } = this;
    let at = from;
    while (at < to) {
      if (pending > 0) {
        const count = Math.min(pending, to - at);
        out.fill(last, at, at + count);
        pending -= count;
        at += count;
        continue;
      }
      if (left === 0) {
        this.done = true;
        break;
      }
      const entry = next[place]!;
      place = entry >>> 8;
      left--;
      const byte = entry & 0xff;
      if (repeats === 4) {
        // After four equal bytes comes a count of more.
        pending = byte;
        repeats = 0;
        continue;
      }
      repeats = byte === last ? repeats + 1 : 1;
      last = byte;
      out[at++] = byte;
    }
    this.left = left;
    this.place = place;
    this.last = last;
    this.repeats = repeats;
    this.pending = pending;
    return at;
  }
}

function readSymbols(bits: BitInput): number[] {
  const ranges = bits.read(16);
  const symbols: number[] = [];
  for (let high = 0; high < 16; high++) {
    if (!(ranges & (0x8000 >>> high))) continue;
    const used = bits.read(16);
    for (let low = 0; low < 16; low++) if (used & (0x8000 >>> low)) symbols.push(high * 16 + low);
  }
  if (symbols.length === 0) fail("MALFORMED", "a bzip2 block uses no bytes at all");
  return symbols;
}

function readSelectors(bits: BitInput, tables: number, count: number): Uint8Array {
  const recent = Array.from({ length: tables }, (_, n) => n);
  return Uint8Array.from({ length: count }, () => {
    let index = 0;
    while (bits.read(1) === 1)
      if (++index >= tables) fail("MALFORMED", "a bzip2 block selects a table that does not exist");
    const [table] = recent.splice(index, 1);
    recent.unshift(table!);
    return table!;
  });
}

function readCode(bits: BitInput, alphabet: number): Code {
  const lengths = new Uint8Array(alphabet);
  let length = bits.read(5);
  for (let n = 0; n < alphabet; n++) {
    for (;;) {
      if (length < 1 || length > longestCode) fail("MALFORMED", "a bzip2 block has a code of impossible length");
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[n] = length;
  }
  const limits = new Int32Array(longestCode + 2).fill(-1);
  const bases = new Int32Array(longestCode + 2);
  const symbols = new Uint16Array(alphabet);
  const table = new Uint16Array(1 << lookupBits);
  let code = 0;
  let index = 0;
  for (let width = 1; width <= longestCode; width++) {
    bases[width] = code - index;
    for (let n = 0; n < alphabet; n++) {
      if (lengths[n] === width) {
        symbols[index++] = n;
        const free = lookupBits - width;
        if (free >= 0 && code < 1 << width) table.fill((n << 5) | width, code << free, (code + 1) << free);
        code++;
      }
    }
    limits[width] = code - 1;
    code <<= 1;
  }
  return { shortest: Math.min(...lengths), limits, bases, symbols, table };
}

/** Reads the symbols of the block: runs of the most recent byte, and other bytes by how recently they were used. */
function readData(
  bits: BitInput,
  data: Uint32Array,
  counts: Uint32Array,
  symbols: readonly number[],
  codes: readonly Code[],
  selectors: Uint8Array,
): number {
  const recent = Uint8Array.from(symbols);
  const end = symbols.length + 1;
  let length = 0;
  let run = 0;
  let power = 1;
  for (let group = 0; ; group++) {
    const code =
      codes[selectors[group] ?? fail("MALFORMED", "a bzip2 block has more data than tables selected for it")]!;
    for (let n = 0; n < groupSize; n++) {
      let symbol = bits.lookup(code.table);
      if (symbol < 0) symbol = readSymbol(bits, code);
      if (symbol <= 1) {
        run += power << symbol;
        power <<= 1;
        if (run > data.length) fail("MALFORMED", "a bzip2 block has a run longer than itself");
        continue;
      }
      if (run > 0) {
        const byte = recent[0]!;
        if (length + run > data.length) fail("MALFORMED", "a bzip2 block is longer than it may be");
        counts[byte]! += run;
        data.fill(byte, length, length + run);
        length += run;
        run = 0;
        power = 1;
      }
      if (symbol === end) return length;
      const byte = recent[symbol - 1]!;
      if (symbol > 32) recent.copyWithin(1, 0, symbol - 1);
      else for (let at = symbol - 1; at > 0; at--) recent[at] = recent[at - 1]!;
      recent[0] = byte;
      if (length >= data.length) fail("MALFORMED", "a bzip2 block is longer than it may be");
      counts[byte]!++;
      data[length++] = byte;
    }
  }
}

function readSymbol(bits: BitInput, { shortest, limits, bases, symbols }: Code): number {
  let width = shortest;
  let code = bits.read(width);
  while (code > limits[width]!) {
    if (++width > longestCode) fail("MALFORMED", "a bzip2 block has bits that are no code");
    code = (code << 1) | bits.read(1);
  }
  return symbols[code - bases[width]!] ?? fail("MALFORMED", "a bzip2 block has bits that are no code");
}
