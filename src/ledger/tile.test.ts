import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../kit/bytes.ts";
import { leafHash, rootOfHashes } from "./merkle.ts";
import {
  decodeBundle,
  encodeEntry,
  hashesOfEntries,
  hashInTile,
  levelSize,
  parseTilePath,
  Tile,
  tilePath,
  widthAt,
} from "./tile.ts";

describe("tile paths", () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 1, index: 999, width: 256 }, "tile/1/999"],
    [{ level: 0, index: 1000, width: 256 }, "tile/0/x001/000"],
    [{ level: 3, index: 1_234_067, width: 256 }, "tile/3/x001/x234/067"],
    [{ level: 0, index: 1_234_067, width: 8 }, "tile/0/x001/x234/067.p/8"],
    [{ level: "entries", index: 5, width: 255 }, "tile/entries/005.p/255"],
    [{ level: 63, index: 0, width: 1 }, "tile/63/000.p/1"],
  ] as const)("%j is %s", (name, path) => {
    expect(tilePath(name)).toBe(path);
    expect(parseTilePath(path)).toEqual(name);
  });

  it("read back what they were made from", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const)),
        fc.integer({ min: 0, max: 2 ** 45 }),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
  });

  it.each([
    "tile/0/0",
    "tile/0/1000",
    "tile/00/000",
    "tile/64/000",
    "tile/0/x000/000",
    "tile/0/001/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/08",
    "tile/0/000.p/300",
    "tile/0/000.p/",
    "tile/0/../000",
    "tile/entries/x001/../000",
    "tile/-1/000",
    "/tile/0/000",
    "tile/0/000\n",
    "tile/0/x999/x999/x999/x999/x999/999",
    "",
  ])("%j is refused", (path) => {
    expect(() => parseTilePath(path)).toThrowError(expect.objectContaining({ code: "MALFORMED" }));
  });
});

describe("tile widths", () => {
  it("follow from the size of the tree", () => {
    expect([0, 1, 2].map((level) => levelSize(level, 70_000))).toEqual([70_000, 273, 1]);
    expect([0, 272, 273, 274].map((index) => widthAt(index, 70_000))).toEqual([256, 256, 112, 0]);
    expect(levelSize(6, Number.MAX_SAFE_INTEGER)).toBeGreaterThan(0);
    expect(levelSize(7, Number.MAX_SAFE_INTEGER)).toBe(0);
  });
});

describe("entry bundles", () => {
  it("read back what was put in", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 20 }), (entries) => {
        const bundle = concat(...entries.map(encodeEntry));
        expect(decodeBundle(bundle, entries.length, "b").map((e) => [...e])).toEqual(entries.map((e) => [...e]));
        expect(() => decodeBundle(bundle, entries.length + 1, "b")).toThrowError(/cut short/);
        expect(() => decodeBundle(bundle, entries.length - 1, "b")).toThrowError(/beyond its last/);
        expect(() => decodeBundle(bundle.subarray(0, -1), entries.length, "b")).toThrowError(/cut short/);
      }),
    );
  });

  it("carry entries of 0 to 65535 bytes", () => {
    const sizes = [0, 1, 65_535];
    const bundle = concat(...sizes.map((size) => encodeEntry(new Uint8Array(size))));
    expect(decodeBundle(bundle, 3, "b").map((entry) => entry.length)).toEqual(sizes);
    expect(() => encodeEntry(new Uint8Array(65_536))).toThrowError(expect.objectContaining({ code: "LIMIT" }));
  });

  it("determine their level-0 tile, whose subtrees are those of the tree", () => {
    const entries = Array.from({ length: 256 }, (_, i) => Uint8Array.of(i));
    const tile = hashesOfEntries(entries);
    expect(hashInTile(tile, 7)).toEqual(leafHash(entries[7]!));
    expect(new Tile(tile).node(8, 0)).toEqual(rootOfHashes(entries.map(leafHash)));
    expect(new Tile(tile).node(3, 3)).toEqual(rootOfHashes(entries.slice(24, 32).map(leafHash)));
  });
});
