import { fail } from "../../kit/errors.ts";

/** Order of Unicode code points, which is the order of the names' UTF-8 bytes (JavaScript's own `<` compares UTF-16). */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xSurrogate = x >= 0xd800 && x <= 0xdfff;
    const ySurrogate = y >= 0xd800 && y <= 0xdfff;
    // A surrogate begins a code point above U+FFFF: it sorts after every other unit.
    if (xSurrogate !== ySurrogate) return xSurrogate ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/**
 * Is `name` a canonical path from the model's root: `/` between its parts, relative, without empty, `.` or `..` parts,
 * without backslash and NUL? Returns why not, or undefined when it is.
 */
export function pathFault(name: string): string | undefined {
  if (name === "") return "is empty";
  if (!name.isWellFormed()) return "is not valid Unicode";
  if (name.includes("\0")) return "holds a NUL";
  if (name.includes("\\")) return "holds a backslash";
  if (name.startsWith("/")) return "is absolute";
  for (const part of name.split("/")) {
    if (part === "..") return 'holds ".."';
    if (part === "." || part === "") return "is not in canonical form";
  }
  return undefined;
}

/** A byte range of a file: `[start, end)`. */
export interface Shard {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** The resource name of a shard: `path:start:end`. */
export function shardName({ path, start, end }: Shard): string {
  return `${path}:${start}:${end}`;
}

/** Reads `path:start:end` by its last two colons, since a path may hold colons itself. @throws MALFORMED */
export function parseShardName(name: string): Shard {
  const parts = /^([^]+):(0|[1-9]\d{0,15}):([1-9]\d{0,15})$/.exec(name);
  const start = Number(parts?.[2]);
  const end = Number(parts?.[3]);
  if (!parts || !Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start >= end) {
    fail("MALFORMED", `resource name ${shown(name)} is not of the form path:start:end`);
  }
  return { path: parts[1]!, start, end };
}

/** The byte ranges of a file of `size` bytes; none for an empty file. */
export function shardsOf(path: string, size: number, shardSize: number): Shard[] {
  const shards: Shard[] = [];
  for (let start = 0; start < size; start += shardSize) {
    shards.push({ path, start, end: Math.min(start + shardSize, size) });
  }
  return shards;
}

/**
 * Are the names in one of the orders signers are known to use? The specification asks for code points; the reference
 * tool sorts by path components and shards by offset, and ports have sorted by UTF-16 units. The root digest is always
 * taken in listed order; a list in no order at all was not written by a signer.
 */
export function inKnownOrder(names: readonly string[], shards: boolean): boolean {
  const orders: ((a: string, b: string) => number)[] = [compareNames, compareUtf16, compareParts];
  if (shards) orders.push(byOffset(compareNames), byOffset(compareParts));
  return orders.some((compare) => names.every((name, i) => i === 0 || compare(names[i - 1]!, name) < 0));
}

function compareUtf16(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareParts(a: string, b: string): number {
  const left = a.split("/");
  const right = b.split("/");
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareNames(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function byOffset(comparePaths: (a: string, b: string) => number): (a: string, b: string) => number {
  return (a, b) => {
    const left = parseShardName(a);
    const right = parseShardName(b);
    return comparePaths(left.path, right.path) || left.start - right.start || left.end - right.end;
  };
}

/** A name for people: quoted, control characters escaped, cut when very long. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}
