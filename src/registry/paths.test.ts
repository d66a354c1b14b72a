import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPath, PathSet, pathFault } from "./paths.ts";

describe("paths of files in a version", () => {
  it.each([
    ["", "empty"],
    ["/etc/passwd", "absolute"],
    ["C:/windows", "drive"],
    ["c:evil", "drive"],
    ["..", '".."'],
    ["a/../b", '".."'],
    ["./a", '"."'],
    ["a//b", "empty segment"],
    ["a/", "empty segment"],
    ["a\\b", "backslash"],
    ["a\0b", "control"],
    ["a\nb", "control"],
    ["a\u0085b", "control"],
    ["\ud800", "Unicode"],
    ["é".repeat(513), "1024 bytes"],
  ])("refuse %j", (path, why) => {
    expect(pathFault(path)).toContain(why);
    expect(() => checkPath(path)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });

  it.each([
    "a",
    "model.onnx",
    "a/b/c.txt",
    "..a",
    "a..b",
    "...",
    "ein Name mit Leerzeichen",
    "日本/模型.bin",
    "step:1",
  ])("accept %j", (path) => expect(pathFault(path)).toBeUndefined());

  it("never lead out of the folder they are joined to", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom("..", ".", "/", "\\", "a", "\0", "C:"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const path = pieces.join("/");
        if (pathFault(path) !== undefined) return;
        const url = new URL(path.split("/").map(encodeURIComponent).join("/"), "file:///root/");
        expect(url.pathname.startsWith("/root/")).toBe(true);
        expect(path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [["a", "a"], "twice"],
    [["Model.bin", "model.bin"], "case"],
    [["caf\u00e9", "cafe\u0301"], "normalization"],
    [["straße", "STRASSE"], "case"],
    [["a", "a/b"], "needs"],
    [["a/b", "a"], "needs it as a folder"],
    [["A/b", "a/B"], "case"],
    [["a/b/c", "A"], "needs it as a folder"],
  ])("refuse %j together", (paths, why) => {
    const set = new PathSet();
    expect(() => paths.forEach((path) => set.add(path))).toThrow(why);
  });

  it("are ten thousand at most", () => {
    const set = new PathSet();
    for (let i = 0; i < 10_000; i++) set.add(`f${i}`);
    expect(() => set.add("one-more")).toThrow(expect.objectContaining({ code: "LIMIT" }));
  });
});
