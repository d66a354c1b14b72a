import { fail } from "../kit/errors.ts";
import type { LogFiles } from "./files.ts";
import { type HashReader, hashLength } from "./merkle.ts";
import { decodeBundle, levelSize, maxBundleLength, Tile, tileHeight, tilePath, tileWidth, widthAt } from "./tile.ts";

const cachedTiles = 256;

/** Reads tiles and bundles of a log as of a size; checks their lengths and keeps a bounded number of tiles in memory. */
export class TileReader {
  readonly #files: LogFiles;
  readonly #cache = new Map<string, Tile>();

  constructor(files: LogFiles) {
    this.#files = files;
  }

  /** The hashes of a tile as of `size` entries. @throws INTEGRITY when it is missing or has another length */
  async tile(level: number, index: number, size: number): Promise<Uint8Array> {
    const width = widthAt(index, levelSize(level, size));
    return (await this.#tile(level, index, width)).bytes.subarray(0, width * hashLength);
  }

  /** The entries of a bundle as of `size` entries. @throws INTEGRITY when it is missing or does not hold as many */
  async bundle(index: number, size: number): Promise<Uint8Array[]> {
    const width = widthAt(index, size);
    for (const found of widths(width)) {
      const path = tilePath({ level: "entries", index, width: found });
      const bytes = await this.#files.read(path, maxBundleLength);
      if (bytes) return decodeBundle(bytes, found, path).slice(0, width);
    }
    return missing("an entry bundle", tilePath({ level: "entries", index, width }));
  }

  /** Hashes of complete subtrees of the tree of `size` entries. */
  hashes(size: number): HashReader {
    return async (level, index) => {
      const tileLevel = Math.floor(level / tileHeight);
      const height = level % tileHeight;
      const perTile = tileWidth / 2 ** height;
      const place = Math.floor(index / perTile);
      const tile = await this.#tile(tileLevel, place, widthAt(place, levelSize(tileLevel, size)));
      return tile.node(height, index % perTile);
    };
  }

  async #tile(level: number, index: number, width: number): Promise<Tile> {
    for (const found of widths(width)) {
      const path = tilePath({ level, index, width: found });
      const tile = this.#cache.get(path) ?? (await this.#load(path, found));
      if (!tile) continue;
      // Re-inserting keeps the map ordered by last use.
      this.#cache.delete(path);
      this.#cache.set(path, tile);
      const [oldest] = this.#cache.keys();
      if (this.#cache.size > cachedTiles && oldest !== undefined) this.#cache.delete(oldest);
      return tile;
    }
    return missing("a tile", tilePath({ level, index, width }));
  }

  async #load(path: string, width: number): Promise<Tile | undefined> {
    const bytes = await this.#files.read(path, tileWidth * hashLength);
    if (bytes && bytes.length !== width * hashLength)
      fail("INTEGRITY", {
        message: `the tile has ${bytes.length} bytes instead of ${width * hashLength}`,
        where: path,
      });
    return bytes && new Tile(bytes);
  }
}

/** A tile as narrow as it was when the log had that size or, when the log has grown and dropped that, the full one. */
function widths(width: number): readonly number[] {
  return width === tileWidth ? [width] : [width, tileWidth];
}

function missing(what: string, where: string): never {
  return fail("INTEGRITY", { message: `${what} is missing`, where });
}
