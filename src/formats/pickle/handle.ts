/**
 * Values of the pickle machine are numbers, so that an opcode allocates nothing. A pickle has no loops, so the place of
 * an opcode names the one value it made: an immutable constant is its place plus one; an object is that number negated,
 * with its kind in the lowest three bits; a global is an index below `globalBase`.
 */
export type Handle = number;

/** Kinds of objects that loading can make without calling anything, and "object" for the rest. */
export const objectKind = {
  object: 0,
  tuple: 1,
  list: 2,
  dict: 3,
  set: 4,
  frozenset: 5,
  bytearray: 6,
  buffer: 7,
} as const;
export type ObjectKind = (typeof objectKind)[keyof typeof objectKind];

const globalBase = -(2 ** 52);

/** No value: an unset memo entry. */
export const absent: Handle = 0;

/** The object an opcode at `offset` made. */
export function objectAt(offset: number, kind: ObjectKind): Handle {
  return -((offset + 1) * 8 + kind);
}

/** The global with this index in the machine's table. */
export function globalAt(index: number): Handle {
  return globalBase - index;
}

/** True for numbers, strings, bytes, None, True and False. */
export function isConstant(handle: Handle): boolean {
  return handle > 0;
}

/** True for what GLOBAL, STACK_GLOBAL, INST or EXT found. */
export function isGlobal(handle: Handle): boolean {
  return handle <= globalBase;
}

/** Index of a global in the machine's table. */
export function globalIndex(handle: Handle): number {
  return globalBase - handle;
}

/** The kind of an object, -1 for constants and globals. */
export function kindOfObject(handle: Handle): ObjectKind | -1 {
  return handle > 0 || handle <= globalBase ? -1 : ((-handle & 7) as ObjectKind);
}

/** Where the opcode stands that made a constant or an object. */
export function madeAt(handle: Handle): number {
  return handle > 0 ? handle - 1 : Math.floor(-handle / 8) - 1;
}
