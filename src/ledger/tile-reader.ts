import { fail } from "../kit/errors.ts";
import type { LogFiles } from "./files.ts";
import { type HashReader, hashLength } from "./merkle.ts";
import {
  decodeBundle,
  levelSize,
  maxBundleLength,
  subtreeInTile,
  tileHeight,
  tilePath,
  tileWidth,
  widthAt,
} from "./tile.ts";

const cachedTiles = 128;

/** Reads tiles and bundles of a log as of a size; checks their lengths and keeps a bounded number in memory. */
export class TileReader {
  readonly #files: LogFiles;
  readonly #cache = new Map<string, Uint8Array>();

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** The hashes of a tile as of `size` entries. @throws INTEGRITY when it is missing or has another length */
  async tile(level: number, index: number, size: number): Promise<Uint8Array> {
    const width = widthAt(index, levelSize(level, size));
    const { bytes, path, found } = await this.#widest(level, index, width, tileWidth * hashLength);
    if (bytes.length !== found * hashLength)
      fail("INTEGRITY", {
        message: `the tile has ${bytes.length} bytes instead of ${found * hashLength}`,
        where: path,
      });
    return bytes.subarray(0, width * hashLength);
  }

  /** The entries of a bundle as of `size` entries. @throws INTEGRITY when it is missing or does not hold as many */
  async bundle(index: number, size: number): Promise<Uint8Array[]> {
    const width = widthAt(index, size);
    const { bytes, path, found } = await this.#widest("entries", index, width, maxBundleLength);
    return decodeBundle(bytes, found, path).slice(0, width);
  }

  /** Hashes of complete subtrees of the tree of `size` entries. */
  hashes(size: number): HashReader {
    return async (level, index) => {
      const height = level % tileHeight;
      const first = index * 2 ** height;
      const tile = await this.tile(Math.floor(level / tileHeight), Math.floor(first / tileWidth), size);
      return subtreeInTile(tile, first % tileWidth, height);
    };
  }

  /** The tile of just that width or, when the log has grown and dropped it, the full one. */
  async #widest(level: number | "entries", index: number, width: number, limit: number) {
    for (const found of width === tileWidth ? [width] : [width, tileWidth]) {
      const path = tilePath({ level, index, width: found });
      const bytes = await this.#read(path, limit, level !== "entries");
      if (bytes) return { bytes, path, found };
    }
    return fail("INTEGRITY", {
      message: level === "entries" ? "an entry bundle is missing" : "a tile is missing",
      where: tilePath({ level, index, width }),
    });
  }

  async #read(path: string, limit: number, keep: boolean): Promise<Uint8Array | undefined> {
    const known = this.#cache.get(path);
    const bytes = known ?? (await this.#files.read(path, limit));
    if (!bytes || !keep) return bytes;
    // Re-inserting keeps the map ordered by last use.
    this.#cache.delete(path);
    this.#cache.set(path, bytes);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > cachedTiles && oldest !== undefined) this.#cache.delete(oldest);
    return bytes;
  }
}
