/** Parts of a pickle: bytes, or text written as latin-1. */
export type Part = number | string | Uint8Array | readonly Part[];

/** The bytes of some opcodes. */
export function assemble(...parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(bytesOf));
}

function bytesOf(part: Part): number[] {
  if (typeof part === "number") return [part];
  if (typeof part === "string") return [...Buffer.from(part, "latin1")];
  if (part instanceof Uint8Array) return [...part];
  return part.flatMap(bytesOf);
}

/** The opcodes tests write by hand, by name. */
export const op = {
  proto: (version: number): Part => [0x80, version],
  frame: (length: number): Part => [0x95, u64(length)],
  mark: "(",
  stop: ".",
  pop: "0",
  popMark: "1",
  dup: "2",
  none: "N",
  true: 0x88,
  reduce: "R",
  build: "b",
  obj: "o",
  newobj: 0x81,
  newobjEx: 0x92,
  emptyTuple: ")",
  tuple: "t",
  tuple1: 0x85,
  tuple2: 0x86,
  tuple3: 0x87,
  emptyList: "]",
  list: "l",
  append: "a",
  appends: "e",
  emptyDict: "}",
  dict: "d",
  setitem: "s",
  setitems: "u",
  emptySet: 0x8f,
  additems: 0x90,
  stackGlobal: 0x93,
  memoize: 0x94,
  binpersid: "Q",
  nextBuffer: 0x97,
  readonlyBuffer: 0x98,
  int: (value: number): Part => ["K", value],
  get: (index: number): Part => ["h", index],
  put: (index: number): Part => ["q", index],
  ext: (code: number): Part => [0x82, code],
  global: (module: string, name: string): Part => `c${module}\n${name}\n`,
  inst: (module: string, name: string): Part => `i${module}\n${name}\n`,
  text: (text: string): Part => {
    const bytes = Buffer.from(text);
    return bytes.length < 256 ? [0x8c, bytes.length, bytes] : ["X", u32(bytes.length), bytes];
  },
  bytes: (bytes: Uint8Array): Part => ["B", u32(bytes.length), bytes],
  named: (module: string, name: string): Part => [op.text(module), op.text(name), op.stackGlobal],
} as const;

function u32(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}

function u64(value: number): number[] {
  return [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];
}
