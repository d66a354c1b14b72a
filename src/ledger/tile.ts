import { fail } from "../kit/errors.ts";
import { hashLength, leafHash, nodeHash } from "./merkle.ts";

// Where a C2SP tile log keeps what, and how tiles and entry bundles are laid out. https://c2sp.org/tlog-tiles

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;
/** Binary tree levels one tile level spans. */
export const tileHeight = 8;
/** Largest entry a bundle can carry, in bytes. */
export const maxEntryLength = 65_535;
/** Largest possible bundle, in bytes. */
export const maxBundleLength = tileWidth * (2 + maxEntryLength);

/** One tile of hashes (`level` 0…63) or, with level "entries", one bundle of entries. */
export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
  /** 1…256; below 256 the tile is partial. */
  readonly width: number;
}

/** The tile's path below the log, e.g. `tile/0/x001/x234/067.p/8`. */
export function tilePath({ level, index, width }: TileName): string {
  const suffix = width === tileWidth ? "" : `.p/${width}`;
  return `tile/${level}/${indexPath(index)}${suffix}`;
}

/** Three-digit groups, all but the last marked with "x": 1234067 is `x001/x234/067`. */
function indexPath(index: number): string {
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return groups.join("/");
}

/** The tile a path below the log names. @throws MALFORMED for anything {@link tilePath} would not write */
export function parseTilePath(path: string): TileName {
  const parts = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (!parts) return fail("MALFORMED", `"${path.slice(0, 120)}" is not the path of a tile`);
  const name: TileName = {
    level: parts[1] === "entries" ? "entries" : Number(parts[1]),
    index: Number(parts[2]!.replaceAll(/[x/]/g, "")),
    width: parts[3] === undefined ? tileWidth : Number(parts[3]),
  };
  const inRange = name.width >= 1 && name.width <= tileWidth && (name.level === "entries" || name.level <= 63);
  if (!inRange || !Number.isSafeInteger(name.index) || tilePath(name) !== path)
    fail("MALFORMED", `"${path.slice(0, 120)}" is not the path of a tile`);
  return name;
}

/** How many hashes level `level` has in the tree of `size` entries. */
export function levelSize(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** Width of tile `index` of a level that has `count` hashes; 0 when it does not exist. */
export function widthAt(index: number, count: number): number {
  return Math.max(0, Math.min(tileWidth, count - index * tileWidth));
}

/** The hash at place `at` of a tile. */
export function hashInTile(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * hashLength, (at + 1) * hashLength);
}

/** A tile's hashes and the nodes above them, each computed once, when first asked for. */
export class Tile {
  readonly bytes: Uint8Array;
  /** Complete nodes by height: row 0 is the tile itself. */
  readonly #rows: Uint8Array[];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#rows = [bytes];
  }

  /** Root of the complete subtree over hashes `at·2^height` … `(at+1)·2^height - 1` of the tile. */
  node(height: number, at: number): Uint8Array {
    for (let next = this.#rows.length; next <= height; next++) {
      const below = this.#rows[next - 1]!;
      const row = Buffer.allocUnsafe(Math.floor(below.length / (2 * hashLength)) * hashLength);
      for (let i = 0; i < row.length / hashLength; i++)
        row.set(nodeHash(hashInTile(below, 2 * i), hashInTile(below, 2 * i + 1)), i * hashLength);
      this.#rows.push(row);
    }
    return hashInTile(this.#rows[height]!, at);
  }
}

/** One entry of a bundle as stored: its length in two big-endian bytes, then itself. */
export function encodeEntry(entry: Uint8Array): Uint8Array {
  if (entry.length > maxEntryLength)
    fail("LIMIT", `an entry may have at most ${maxEntryLength} bytes, this one has ${entry.length}`);
  const framed = Buffer.allocUnsafe(2 + entry.length);
  framed.writeUInt16BE(entry.length);
  framed.set(entry, 2);
  return framed;
}

/** The `count` entries of a bundle, as views of its bytes. @throws INTEGRITY naming `where` unless it holds exactly these */
export function decodeBundle(bytes: Uint8Array, count: number, where: string): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + 2 > bytes.length) return fail("INTEGRITY", { message: "the entry bundle is cut short", where });
    const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
    if (end > bytes.length) return fail("INTEGRITY", { message: "the entry bundle is cut short", where });
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== bytes.length) fail("INTEGRITY", { message: "the entry bundle has bytes beyond its last entry", where });
  return entries;
}

/** The level-0 tile that belongs to a bundle's entries. */
export function hashesOfEntries(entries: readonly Uint8Array[]): Uint8Array {
  const tile = Buffer.allocUnsafe(entries.length * hashLength);
  for (const [i, entry] of entries.entries()) tile.set(leafHash(entry), i * hashLength);
  return tile;
}
