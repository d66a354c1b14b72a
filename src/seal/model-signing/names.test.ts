import fc from "fast-check";
import { expect, test } from "vitest";
import { excluder, ignorePath } from "./ignore.ts";
import { compareNames, inKnownOrder, parseShardName, pathFault, shardName, shardsOf } from "./names.ts";

const anyText = fc.string({ unit: "binary", maxLength: 12 });

test("names are ordered by their UTF-8 bytes", () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      expect(Math.sign(compareNames(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  // A private-use character sorts before one above U+FFFF, which UTF-16 order has the other way round.
  expect(["\u{1f600}", "\u{e000}", "z"].sort(compareNames)).toEqual(["z", "\u{e000}", "\u{1f600}"]);
});

test("every order a known signer uses is recognised, a shuffled list is not", () => {
  expect(inKnownOrder(["a-b", "a/b", "ab"], false)).toBe(true);
  // By components, "a/b" comes before "a-b" although "-" is less than "/".
  expect(inKnownOrder(["a/b", "a-b", "ab"], false)).toBe(true);
  expect(inKnownOrder(["\u{1f600}", "\u{e000}"], false)).toBe(true);
  expect(inKnownOrder(["b", "a"], false)).toBe(false);
  expect(inKnownOrder(["a", "a"], false)).toBe(false);
  expect(inKnownOrder(["w:0:10", "w:100:110", "w:10:20", "w:20:30"], true)).toBe(true);
  expect(inKnownOrder(["w:0:10", "w:10:20", "w:20:30", "w:100:110"], true)).toBe(true);
  expect(inKnownOrder(["w:10:20", "w:0:10"], true)).toBe(false);
});

test("a shard's name comes back whatever the path holds, since the last two colons count", () => {
  const path = fc.string({ unit: "grapheme", minLength: 1 });
  fc.assert(
    fc.property(path, fc.nat(), fc.integer({ min: 1, max: 2 ** 40 }), (name, start, length) => {
      const shard = { path: name, start, end: start + length };
      expect(parseShardName(shardName(shard))).toEqual(shard);
    }),
  );
  expect(parseShardName("a:1:2:3:4")).toEqual({ path: "a:1:2", start: 3, end: 4 });
});

test.each([
  "",
  "a",
  "a:1",
  ":0:1",
  "a:1:1",
  "a:2:1",
  "a:-1:1",
  "a:00:1",
  "a:0:01",
  "a:0:1e3",
  "a:0:1:",
  "a:0:99999999999999999",
])("the shard name %j is malformed", (name) => {
  expect(() => parseShardName(name)).toThrow(/path:start:end/);
});

test("shards cover a file without gap or overlap, the last one may be shorter, an empty file has none", () => {
  expect(shardsOf("w", 25, 10)).toEqual([
    { path: "w", start: 0, end: 10 },
    { path: "w", start: 10, end: 20 },
    { path: "w", start: 20, end: 25 },
  ]);
  expect(shardsOf("w", 20, 10)).toHaveLength(2);
  expect(shardsOf("w", 0, 10)).toEqual([]);
});

test.each([
  ["", "empty"],
  ["/a", "absolute"],
  ["a/../b", '".."'],
  ["..", '".."'],
  ["a//b", "canonical"],
  ["./a", "canonical"],
  ["a/.", "canonical"],
  ["a/", "canonical"],
  ["a\\b", "backslash"],
  ["a\0b", "NUL"],
  ["a\ud800", "Unicode"],
])("the path %j is refused: %s", (path, why) => {
  expect(pathFault(path)).toContain(why);
});

test("ordinary, odd but lawful paths are accepted", () => {
  for (const path of ["a", "a/b.c", ".env", "..a", "a..b/c", "a b", "模型.bin", "a:b", "a\nb", "'\"$&"]) {
    expect(pathFault(path)).toBeUndefined();
  }
});

test("git's files are left out at the top only; given paths exactly, with everything below them", () => {
  const excluded = excluder(["cache", "a/b"]);
  for (const path of [
    ".git",
    ".git/config",
    ".gitignore",
    ".gitattributes",
    ".github/x/y",
    "cache",
    "cache/x",
    "a/b",
    "a/b/c",
  ]) {
    expect(excluded(path)).toBe(true);
  }
  for (const path of ["sub/.git", "sub/.gitignore", ".gitmodules", "my-cache", "cache2", "x/cache", "a", "a/bc"]) {
    expect(excluded(path)).toBe(false);
  }
});

test("ignored paths are brought into form; patterns and ways out are refused", () => {
  expect(ignorePath("./a/b/")).toBe("a/b");
  for (const bad of ["*.bin", "a?", "[ab]", "/a", "../a", "a/../b", "", ".", "./", "a\\b"]) {
    expect(() => ignorePath(bad)).toThrow(expect.objectContaining({ code: "USAGE" }));
  }
});
