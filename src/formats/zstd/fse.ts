import { fail } from "../../kit/errors.ts";

/** A decoding table of finite state entropy (RFC 8878 §4.1): for each state its symbol, and how to find the next one. */
export interface FseTable {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly widths: Uint8Array;
  readonly bases: Uint16Array;
}

/** The table for normalised counts, -1 for "less than one". */
export function fseTable(counts: ArrayLike<number>, log: number): FseTable {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol]!;
    next[symbol] = count === -1 ? 1 : count;
    if (count === -1) symbols[high--] = symbol;
  }
  const step = (size >>> 1) + (size >>> 3) + 3;
  let place = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let n = 0; n < counts[symbol]!; n++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place > high);
    }
  }
  const widths = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const value = next[symbols[state]!]!++;
    const width = log - (31 - Math.clz32(value));
    widths[state] = width;
    bases[state] = (value << width) - size;
  }
  return { log, symbols, widths, bases };
}

/** A table of one symbol. */
export function constantTable(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), widths: new Uint8Array(1), bases: new Uint16Array(1) };
}

/**
 * Reads a table's description (§4.1.1) from bytes[at…end). Returns it with the place behind it.
 * @throws MALFORMED
 */
export function readFseTable(
  bytes: Uint8Array,
  at: number,
  end: number,
  mostLog: number,
  mostSymbol: number,
): { table: FseTable; at: number } {
  let place = at * 8;
  const stop = end * 8;
  const peek = (width: number): number => {
    const index = place >>> 3;
    const word = (bytes[index] ?? 0) | ((bytes[index + 1] ?? 0) << 8) | ((bytes[index + 2] ?? 0) << 16);
    return (word >>> (place & 7)) & ((1 << width) - 1);
  };
  const log = peek(4) + 5;
  place += 4;
  if (log > mostLog) fail("MALFORMED", "a Zstandard table is larger than allowed");
  const counts: number[] = [];
  let remaining = (1 << log) + 1;
  let threshold = 1 << log;
  let width = log + 1;
  while (remaining > 1) {
    if (counts.length > mostSymbol || place > stop) fail("MALFORMED", "a Zstandard table has too many symbols");
    const least = 2 * threshold - 1 - remaining;
    const low = peek(width - 1);
    let count: number;
    if (low < least) {
      count = low;
      place += width - 1;
    } else {
      count = peek(width);
      if (count >= threshold) count -= least;
      place += width;
    }
    count--;
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) {
      for (let repeats = 3; repeats === 3; ) {
        repeats = peek(2);
        place += 2;
        for (let n = 0; n < repeats; n++) counts.push(0);
        if (counts.length > mostSymbol + 4) fail("MALFORMED", "a Zstandard table has too many symbols");
      }
    }
    while (remaining < threshold && threshold > 1) {
      width--;
      threshold >>= 1;
    }
  }
  if (remaining !== 1 || counts.length > mostSymbol + 1 || place > stop)
    fail("MALFORMED", "a Zstandard table is damaged");
  return { table: fseTable(counts, log), at: (place + 7) >>> 3 };
}
