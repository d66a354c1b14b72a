import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { excluder } from "../../seal/model-signing/ignore.ts";
import { ignoredPaths, pathInside } from "./inside.ts";
import { walkModel } from "./walk.ts";

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "castellan-walk-"));
  root = join(folder, "model");
  mkdirSync(join(root, "sub/deep"), { recursive: true });
  for (const path of ["a", "sub/b", "sub/deep/c"]) writeFileSync(join(root, path), path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const walk = (path = root, followSymlinks = false, ignored: string[] = []) => {
  const found = walkModel(path, { followSymlinks, excluded: excluder(ignored) });
  return { ...found, paths: found.files.map((file) => file.path).sort() };
};

test("all regular files are found by their path from the root, folders and git's top files are not", () => {
  mkdirSync(join(root, ".git/objects"), { recursive: true });
  mkdirSync(join(root, "empty"));
  mkdirSync(join(root, ".cache"));
  for (const path of [".git/objects/x", ".gitignore", ".gitattributes", "sub/.gitignore", ".cache/w", ".env"]) {
    writeFileSync(join(root, path), "");
  }
  expect(walk()).toMatchObject({ single: false, oddities: [], warnings: [] });
  expect(walk().paths).toEqual([".cache/w", ".env", "a", "sub/.gitignore", "sub/b", "sub/deep/c"]);
  expect(walk(root, false, ["sub/deep", "a"]).paths).toEqual([".cache/w", ".env", "sub/.gitignore", "sub/b"]);
});

test("a single file is a model of one file, called by its basename", () => {
  expect(walk(join(root, "sub/b"))).toMatchObject({ single: true, paths: ["b"] });
  expect(() => walk(join(root, "nothing"))).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
});

describe("symbolic links", () => {
  test("are oddities unless they are to be followed, whatever they lead to", () => {
    symlinkSync("a", join(root, "to-file"));
    symlinkSync("sub", join(root, "to-folder"));
    symlinkSync("nowhere", join(root, "to-nothing"));
    expect(
      walk()
        .oddities.map(({ kind, path }) => `${kind} ${path}`)
        .sort(),
    ).toEqual(["symlink to-file", "symlink to-folder", "symlink to-nothing"]);
    const link = join(folder, "link");
    symlinkSync(root, link);
    expect(walk(link).oddities).toMatchObject([{ kind: "symlink", path: "." }]);
    expect(walk(link, true).paths).toContain("sub/b");
  });

  test("when followed, give one file per name; a dangling one is still an oddity", () => {
    symlinkSync("a", join(root, "to-file"));
    symlinkSync("sub/deep", join(root, "to-folder"));
    expect(walk(root, true).paths).toEqual(["a", "sub/b", "sub/deep/c", "to-file", "to-folder/c"]);
    symlinkSync("ring-b", join(root, "ring-a"));
    symlinkSync("ring-a", join(root, "ring-b"));
    symlinkSync("nowhere", join(root, "to-nothing"));
    const odd = walk(root, true).oddities.map(({ kind, path }) => `${kind} ${path}`);
    expect(odd.sort()).toEqual(["symlink ring-a", "symlink ring-b", "symlink to-nothing"]);
  });

  test("when followed, warn of targets outside the model and of cycles, and end", () => {
    writeFileSync(join(folder, "outside"), "");
    symlinkSync("../outside", join(root, "out"));
    symlinkSync("..", join(root, "sub/up"));
    symlinkSync(".", join(root, "self"));
    const found = walk(root, true);
    expect(found.oddities).toEqual([]);
    expect(found.paths).toEqual(["a", "out", "sub/b", "sub/deep/c"]);
    expect(found.warnings.toSorted()).toEqual([
      '"out" is a symbolic link to a target outside the model',
      '"self" is a symbolic link back to a folder above it; it is not followed',
      '"sub/up" is a symbolic link back to a folder above it; it is not followed',
    ]);
  });

  test("that multiply without end are stopped by the bounds", () => {
    // Each folder links to the next twice: 2^n paths without any cycle.
    for (let i = 0; i < 40; i++) {
      mkdirSync(join(root, `l${i}`));
      for (const name of ["x", "y"]) symlinkSync(`../l${i + 1}`, join(root, `l${i}`, name));
    }
    mkdirSync(join(root, "l40"));
    expect(() => walkModel(root, { followSymlinks: true, excluded: () => false, maxEntries: 5_000 })).toThrow(
      expect.objectContaining({ code: "LIMIT" }),
    );
  });
});

describe.skipIf(process.platform === "win32")("names and things no manifest can carry", () => {
  test("names that are not UTF-8 are oddities, a genuine replacement character is not", () => {
    writeFileSync(Buffer.concat([Buffer.from(join(root, "bad")), Buffer.from([0xff, 0xfe])]), "");
    writeFileSync(join(root, "good\uFFFD"), "");
    const found = walk();
    expect(found.oddities).toMatchObject([{ kind: "name", message: 'a name in "." is not valid UTF-8' }]);
    expect(found.paths).toContain("good\uFFFD");
  });

  test("backslashes are oddities; blanks, quotes, colons and other scripts are not", () => {
    for (const name of ["a\\b", "with blank", "q'\"$&;", "a:1:2", "模型.bin", "-rf"])
      writeFileSync(join(root, name), "");
    const found = walk();
    expect(found.oddities).toMatchObject([{ kind: "name", path: "a\\b" }]);
    expect(found.paths).toEqual(["-rf", "a", "a:1:2", "q'\"$&;", "sub/b", "sub/deep/c", "with blank", "模型.bin"]);
  });

  test("pipes are oddities", () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(walk().oddities).toMatchObject([{ kind: "special", path: "pipe" }]);
    expect(walk(join(root, "pipe")).oddities).toMatchObject([{ kind: "special" }]);
  });
});

test("a path inside the model is found however it is written; others are outside", () => {
  symlinkSync(root, join(folder, "link"));
  expect(pathInside(root, join(root, "model.sig"))).toBe("model.sig");
  expect(pathInside(root, join(root, "sub/../sub/x"))).toBe("sub/x");
  expect(pathInside(root, join(folder, "link/sub/x"))).toBe("sub/x");
  expect(pathInside(join(folder, "link"), join(root, "x"))).toBe("x");
  for (const outside of [root, folder, join(folder, "x"), join(folder, "model2/x")]) {
    expect(pathInside(root, outside)).toBeUndefined();
  }
  expect(pathInside(root, join(root, "..x"))).toBe("..x");
});

test("ignored paths are meant from the root, else from the working folder, and absolute ones only inside the model", () => {
  expect(ignoredPaths(root, ["sub/b", "not-there", "./sub/"], folder)).toEqual(["sub/b", "not-there", "sub"]);
  expect(ignoredPaths(root, ["model/sub/b"], folder)).toEqual(["sub/b"]);
  expect(ignoredPaths(root, [join(root, "a"), join(folder, "elsewhere")], folder)).toEqual(["a"]);
  expect(() => ignoredPaths(root, ["*.bin"], folder)).toThrow(/pattern/);
  expect(() => ignoredPaths(root, ["../x"], folder)).toThrow(/\.\./);
});
