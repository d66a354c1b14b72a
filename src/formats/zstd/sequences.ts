import { fail } from "../../kit/errors.ts";
import type { History } from "../container/history.ts";
import { BackwardBits } from "./backward-bits.ts";
import type { FseTable } from "./fse.ts";
import { constantTable, fseTable, readFseTable } from "./fse.ts";

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

// Codes of RFC 8878 §3.1.1.3.2.1: base values and extra bits.
const literalBase = Uint32Array.of(
  ...Array.from({ length: 16 }, (_, n) => n),
  16,
  18,
  20,
  22,
  24,
  28,
  32,
  40,
  48,
  64,
  128,
  256,
  512,
  1024,
  2048,
  4096,
  8192,
  16384,
  32768,
  65536,
);
const literalBits = Uint8Array.of(...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const matchBase = Uint32Array.of(
  ...Array.from({ length: 32 }, (_, n) => n + 3),
  35,
  37,
  39,
  41,
  43,
  47,
  51,
  59,
  67,
  83,
  99,
  131,
  259,
  515,
  1027,
  2051,
  4099,
  8195,
  16387,
  32771,
  65539,
);
const matchBits = Uint8Array.of(...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);

const kinds = [
  { name: "literal length", mostLog: 9, mostSymbol: 35 },
  { name: "offset", mostLog: 8, mostSymbol: 31 },
  { name: "match length", mostLog: 9, mostSymbol: 52 },
] as const;

// Distributions that need no description (§3.1.1.3.2.2).
const predefined: readonly [FseTable, FseTable, FseTable] = [
  fseTable(
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
    6,
  ),
  fseTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  fseTable([1, 4, 3, 2, 2, 2, 2, 2, 2, ...zeros(37).map(() => 1), ...zeros(7).map(() => -1)], 6),
];

/** What one block leaves for the next of its frame. */
export interface SequenceState {
  tables: [FseTable | undefined, FseTable | undefined, FseTable | undefined];
  offsets: [number, number, number];
}

/** The state at the start of a frame. */
export function freshSequences(): SequenceState {
  return { tables: [undefined, undefined, undefined], offsets: [1, 4, 8] };
}

/**
 * Decodes the sequences section in bytes[at, end) and carries it out: literals and matches into the history, which has room for
 * `most` bytes. @throws MALFORMED
 */
export function runSequences(
  bytes: Uint8Array,
  at: number,
  end: number,
  literals: Uint8Array,
  history: History,
  most: number,
  state: SequenceState,
): void {
  const limit = history.at + most;
  const first = bytes[at++];
  if (first === undefined || at > end) fail("MALFORMED", "a Zstandard block has no sequences section");
  let count = first;
  if (first >= 128) {
    if (at + (first === 255 ? 2 : 1) > end) fail("MALFORMED", "a Zstandard block is cut off");
    count = first === 255 ? bytes[at++]! + (bytes[at++]! << 8) + 0x7f00 : ((first - 128) << 8) + bytes[at++]!;
  }
  if (count === 0) {
    if (at !== end) fail("MALFORMED", "bytes follow the literals of a Zstandard block");
    if (literals.length > most) fail("MALFORMED", "a Zstandard block is longer than allowed");
    return history.put(literals);
  }
  const modes = bytes[at++];
  if (modes === undefined || at > end || modes & 3) fail("MALFORMED", "a Zstandard block uses reserved modes");
  for (const [n, { name, mostLog, mostSymbol }] of kinds.entries()) {
    const mode = (modes >>> (6 - 2 * n)) & 3;
    if (mode === 0) state.tables[n] = predefined[n]!;
    else if (mode === 1) {
      const symbol = bytes[at++];
      if (symbol === undefined || symbol > mostSymbol) fail("MALFORMED", `a Zstandard ${name} code does not exist`);
      state.tables[n] = constantTable(symbol);
    } else if (mode === 2) ({ table: state.tables[n], at } = readFseTable(bytes, at, end, mostLog, mostSymbol));
    else if (!state.tables[n]) fail("MALFORMED", "a Zstandard block repeats a table that does not exist");
  }
  const [literalTable, offsetTable, matchTable] = state.tables as [FseTable, FseTable, FseTable];
  const bits = new BackwardBits(bytes, at, end);
  let literalState = bits.read(literalTable.log);
  let offsetState = bits.read(offsetTable.log);
  let matchState = bits.read(matchTable.log);
  let [rep0, rep1, rep2] = state.offsets;
  let used = 0;
  for (let n = 0; n < count; n++) {
    const offsetCode = offsetTable.symbols[offsetState]!;
    const value = 2 ** offsetCode + bits.readLong(offsetCode);
    const matchCode = matchTable.symbols[matchState]!;
    const match = matchBase[matchCode]! + bits.read(matchBits[matchCode]!);
    const literalCode = literalTable.symbols[literalState]!;
    const length = literalBase[literalCode]! + bits.read(literalBits[literalCode]!);
    if (n + 1 < count) {
      literalState = literalTable.bases[literalState]! + bits.read(literalTable.widths[literalState]!);
      matchState = matchTable.bases[matchState]! + bits.read(matchTable.widths[matchState]!);
      offsetState = offsetTable.bases[offsetState]! + bits.read(offsetTable.widths[offsetState]!);
    }
    if (bits.left < 0) fail("MALFORMED", "Zstandard sequences end in the middle");
    let offset: number;
    if (value > 3) {
      offset = value - 3;
      [rep0, rep1, rep2] = [offset, rep0, rep1];
    } else {
      // Without literals the most recent offset makes no sense: the codes move up by one.
      const which = value - 1 + (length === 0 ? 1 : 0);
      offset = which === 0 ? rep0 : which === 1 ? rep1 : which === 2 ? rep2 : rep0 - 1;
      if (which === 1) [rep0, rep1] = [offset, rep0];
      else if (which > 1) [rep0, rep1, rep2] = [offset, rep0, rep1];
    }
    if (used + length > literals.length) fail("MALFORMED", "Zstandard sequences use more literals than there are");
    if (history.at + length + match > limit) fail("MALFORMED", "a Zstandard block is longer than allowed");
    history.put(literals.subarray(used, used + length));
    used += length;
    if (offset === 0 || offset > history.available)
      fail("MALFORMED", "a Zstandard match refers to bytes before the start of the data");
    history.copy(offset, match);
  }
  if (bits.left !== 0) fail("MALFORMED", "Zstandard sequences do not end where they should");
  state.offsets = [rep0, rep1, rep2];
  if (history.at + literals.length - used > limit) fail("MALFORMED", "a Zstandard block is longer than allowed");
  history.put(literals.subarray(used));
}
