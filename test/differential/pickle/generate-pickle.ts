import fc from "fast-check";

const names = ["os", "system", "builtins", "eval", "a.b", "copy_reg", "_reconstructor", "C"];
const numbers = [
  "0",
  "1",
  "00",
  "01",
  "-1",
  "0x10",
  "010",
  "0o7",
  "0b11",
  "1_000",
  " 5",
  "5 ",
  "5L",
  "1e3",
  "",
  "-",
  "99999999999999999999",
  "2\0x",
  "+3",
  "08",
  "0_1",
  "1__0",
  "inf",
  ".5",
  "1e999",
];
const texts = ["'a'", '"b"', "'a\\x41'", "'\\", "a", "''", "'", "'\\n'", "'\\8'", "'\\xg'", "'é'"];
const raws = ["abc", "\\u0041", "\\u00", "\\U00110000", "\\", "\\\\u0041", "é"];

/** One draw: which opcode, and numbers its argument is made from. */
type Draw = readonly [number, number, number];

/** Needs on the stack, then what an opcode writes. Depth is only guessed: wrong guesses are cases too. */
const writers: readonly ((draw: Draw) => number[])[] = [
  () => [0x28],
  () => [0x28],
  () => [0x4e],
  () => [0x5d],
  () => [0x7d],
  () => [0x8f],
  () => [0x29],
  ([, a]) => [0x4b, a & 255],
  ([, a, b]) => [0x4d, a & 255, b & 255],
  ([, a, b]) => [0x4a, a & 255, b & 255, 0, a & 128],
  ([, a]) => [0x85 + (a % 3)],
  () => [0x74],
  () => [0x6c],
  () => [0x64],
  () => [0x91],
  () => [0x61],
  () => [0x65],
  () => [0x73],
  () => [0x75],
  () => [0x90],
  () => [0x30],
  () => [0x31],
  () => [0x32],
  () => [0x52],
  () => [0x52],
  () => [0x81],
  () => [0x92],
  () => [0x6f],
  () => [0x62],
  () => [0x94],
  ([, a]) => [0x71, a % 8],
  ([, a]) => [0x68, a % 8],
  ([, a]) => [0x72, a % 300, 0, 0, 0].map((byte) => byte & 255),
  ([, a]) => [0x6a, a % 8, 0, 0, 0],
  ([, a]) => [0x70, ...latin(`${a % 5 === 0 ? pick(numbers, a) : a % 9}\n`)],
  ([, a]) => [0x67, ...latin(`${a % 5 === 0 ? pick(numbers, a) : a % 9}\n`)],
  ([, a]) => [0x49, ...latin(`${pick(numbers, a)}\n`)],
  ([, a]) => [0x4c, ...latin(`${pick(numbers, a)}\n`)],
  ([, a]) => [0x46, ...latin(`${pick(numbers, a)}\n`)],
  ([, a]) => [0x53, ...latin(`${pick(texts, a)}\n`)],
  ([, a]) => [0x56, ...latin(`${pick(raws, a)}\n`)],
  ([, a, b]) => [0x63, ...latin(`${pick(names, a)}\n${pick(names, b)}\n`)],
  ([, a, b]) => [0x63, ...latin(`${pick(names, a)}\n${pick(names, b)}\n`)],
  ([, a, b]) => [0x69, ...latin(`${pick(names, a)}\n${pick(names, b)}\n`)],
  ([, a]) => [0x8c, ...counted(pick(names, a))],
  ([, a, b]) => [0x8c, ...counted(pick(names, a)), 0x8c, ...counted(pick(names, b)), 0x93],
  () => [0x93],
  ([, a]) => [0x55, ...counted(pick(names, a))],
  ([, a]) => [0x43, ...counted(pick(names, a))],
  ([, a]) => [0x58, a % 4, 0, 0, 0, ...latin("xyz").slice(0, a % 4)],
  ([, a]) => [0x8d, a % 4, 0, 0, 0, 0, 0, 0, 0, ...latin("xyz").slice(0, a % 4)],
  ([, a]) => [0x8e, a % 4, 0, 0, 0, 0, 0, 0, 0, ...latin("xyz").slice(0, a % 4)],
  ([, a]) => [0x96, a % 4, 0, 0, 0, 0, 0, 0, 0, ...latin("xyz").slice(0, a % 4)],
  ([, a]) => [0x8a, a % 4, ...latin("xyz").slice(0, a % 4)],
  ([, a]) => [0x8b, a % 4, 0, 0, a % 11 === 0 ? 128 : 0, ...latin("xyz").slice(0, a % 4)],
  () => [0x88],
  () => [0x89],
  ([, a, b]) => [0x47, a & 255, b & 255, 0, 0, 0, 0, 0, 0],
  ([, a]) => [0x80, a % 7],
  ([, a]) => [0x95, a % 24, 0, 0, 0, 0, 0, 0, 0],
  () => [0x50, ...latin("id\n")],
  () => [0x51],
  ([, a]) => [0x82, a & 1],
  () => [0x97],
  () => [0x98],
  ([, a]) => [a & 255],
];

function latin(text: string): number[] {
  return [...Buffer.from(text, "latin1")];
}

function counted(text: string): number[] {
  return [text.length, ...latin(text)];
}

function pick(list: readonly string[], index: number): string {
  return list[index % list.length]!;
}

/** Arrangements that real pickles are made of, so that random ones get somewhere. */
const phrases: readonly number[][] = [
  [...latin("cos\nsystem\n"), 0x29, 0x52],
  [...latin("cm\nC\n"), 0x29, 0x81, 0x7d, 0x62],
  [...latin("cm\nC\n"), 0x29, 0x81, 0x28, 0x4b, 1, 0x4b, 2, 0x65],
  [...latin("cm\nC\n"), 0x29, 0x81, 0x28, 0x4b, 1, 0x4b, 2, 0x75],
  [...latin("cm\nC\n"), 0x29, 0x81, 0x28, 0x4b, 1, 0x4b, 2, 0x90],
  [0x28, ...latin("im\nC\n")],
  [0x28, ...latin("cm\nC\n"), 0x4b, 1, 0x6f],
  [0x5d, 0x28, 0x4b, 1, 0x4b, 2, 0x65],
  [0x7d, 0x28, 0x4b, 1, 0x4b, 2, 0x75],
  [...latin("cm\nC\n"), 0x4b, 1, 0x85, 0x7d, 0x92],
];

/** Streams of opcodes, most of which run for a while. */
export const pickleBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc
          .tuple(fc.nat(writers.length - 1), fc.nat(4095), fc.nat(255))
          .map((draw) => writers[draw[0]]!(draw)),
      },
      { weight: 2, arbitrary: fc.constantFrom(...phrases) },
      { weight: 1, arbitrary: fc.constant([0x4e]) },
    ),
    { maxLength: 24 },
  )
  .map((parts) => Uint8Array.from([0x4e, 0x4b, 1, ...parts.flat(), 0x2e]));

/** A pickle with some bytes changed, taken out or put in. */
export function mutated(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(1 << 20), fc.nat(255), fc.nat(2));
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([original, changes]) => {
      const bytes = [...original];
      for (const [place, byte, how] of changes) {
        const at = place % Math.max(1, bytes.length);
        if (how === 0) bytes[at] = byte;
        else if (how === 1) bytes.splice(at, 1);
        else bytes.splice(at, 0, byte);
      }
      return Uint8Array.from(bytes);
    });
}
