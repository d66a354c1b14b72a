import { concat, equalBytes } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { emptyRoot, nodeHash, rootOfHashes } from "./merkle.ts";
import { encodeEntry, hashesOfEntries, hashInTile, levelSize, tilePath, tileWidth } from "./tile.ts";
import type { TileReader } from "./tile-reader.ts";

/** An entry as it goes into a bundle (with its length prefix), and its leaf hash. */
export interface FramedEntry {
  readonly framed: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * The right edge of the log: on every tile level the hashes of the unfinished tile, and the unfinished bundle.
 * All that is needed to append to the log and to know its root hash.
 */
export class LogEdge {
  #size = 0;
  /** Hashes of the unfinished tile per level, fewer than 256 each. */
  readonly #levels: Uint8Array[][] = [];
  #bundle: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** A copy that can go on alone. */
  clone(): LogEdge {
    const copy = new LogEdge();
    copy.#size = this.#size;
    copy.#levels.push(...this.#levels.map((hashes) => [...hashes]));
    copy.#bundle = [...this.#bundle];
    return copy;
  }

  /** Appends an entry; tiles and bundles it completes are added to `files`. */
  append({ framed, hash }: FramedEntry, files: Map<string, Uint8Array>): void {
    this.#bundle.push(framed);
    this.#size += 1;
    let rising = hash;
    for (let level = 0; ; level++) {
      const hashes = (this.#levels[level] ??= []);
      hashes.push(rising);
      if (hashes.length < tileWidth) return;
      const index = levelSize(level + 1, this.#size) - 1;
      if (level === 0) {
        files.set(tilePath({ level: "entries", index, width: tileWidth }), concat(...this.#bundle));
        this.#bundle = [];
      }
      files.set(tilePath({ level, index, width: tileWidth }), concat(...hashes));
      rising = rootOfHashes(hashes);
      this.#levels[level] = [];
    }
  }

  /** The partial tiles and bundle that a checkpoint of the present size needs. */
  partials(): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    const width = this.#bundle.length;
    const index = levelSize(1, this.#size);
    if (width > 0) files.set(tilePath({ level: "entries", index, width }), concat(...this.#bundle));
    for (const [level, hashes] of this.#levels.entries()) {
      const place = { level, index: levelSize(level + 1, this.#size), width: hashes.length };
      if (hashes.length > 0) files.set(tilePath(place), concat(...hashes));
    }
    return files;
  }

  /** Root hash of the tree of the present size. */
  root(): Uint8Array {
    if (this.#size === 0) return emptyRoot();
    const peaks: Uint8Array[] = [];
    for (const hashes of this.#levels.toReversed()) {
      let at = 0;
      for (let width = tileWidth / 2; width >= 1; width /= 2)
        if (hashes.length & width) {
          peaks.push(rootOfHashes(hashes.slice(at, at + width)));
          at += width;
        }
    }
    return peaks.reduceRight((right, left) => nodeHash(left, right));
  }

  /**
   * The edge of the log of `size` entries.
   * @throws INTEGRITY when bundle and tile do not belong together
   */
  static async load(size: number, tiles: TileReader): Promise<LogEdge> {
    const edge = new LogEdge();
    edge.#size = size;
    for (let level = 0; levelSize(level, size) > 0; level++) {
      const width = levelSize(level, size) % tileWidth;
      const tile = width > 0 ? await tiles.tile(level, levelSize(level + 1, size), size) : new Uint8Array(0);
      edge.#levels.push(Array.from({ length: width }, (_, i) => Uint8Array.from(hashInTile(tile, i))));
    }
    const width = size % tileWidth;
    if (width > 0) {
      const index = levelSize(1, size);
      const entries = await tiles.bundle(index, size);
      if (!equalBytes(hashesOfEntries(entries), concat(...edge.#levels[0]!)))
        fail("INTEGRITY", {
          message: "the entries do not have the hashes in their tile",
          where: tilePath({ level: "entries", index, width }),
        });
      edge.#bundle = entries.map(encodeEntry);
    }
    return edge;
  }
}
