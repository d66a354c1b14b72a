import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { discover } from "./discover.ts";

let base: string;
let cwd: string;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "castellan-discover-")));
  cwd = join(base, "work");
  mkdirSync(cwd);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), path.endsWith("ignore") ? "" : "x");
  }
}

function found(paths = ["."], options: { ignore?: boolean; cwd?: string } = {}): { files: string[]; other: string[] } {
  const files: string[] = [];
  const other: string[] = [];
  const wanted = {
    cwd: options.cwd ?? cwd,
    ignore: options.ignore ?? true,
    modelExtension: (name: string) => name === ".pkl",
  };
  for (const item of discover(paths, wanted)) {
    if (item.kind === "file") files.push(item.file.path);
    else other.push(`${item.kind} ${item.entry.path}: ${item.entry.why}`);
  }
  return { files, other };
}

describe("finding files", () => {
  test("walks folders in an order that depends on names only", () => {
    put("b/2.txt", "b/1.txt", "a.txt", "Z.txt", "b.txt", "b/c/x");
    expect(found().files).toEqual(["Z.txt", "a.txt", "b/1.txt", "b/2.txt", "b/c/x", "b.txt"]);
  });

  test("shows paths below the working directory relative to it, and others whole", () => {
    put("a/x.txt");
    expect(found([join(cwd, "a")]).files).toEqual(["a/x.txt"]);
    expect(found(["x.txt"], { cwd: join(cwd, "a") }).files).toEqual(["x.txt"]);
    expect(found([".."], { cwd: join(cwd, "a") }).files).toEqual([join(cwd, "a/x.txt")]);
  });

  test("takes every file once, however often and by whatever way it is named", () => {
    put("a/x.txt", "a/y.txt");
    symlinkSync(join(cwd, "a/x.txt"), join(cwd, "link.txt"));
    expect(found(["a", "a/x.txt", ".", "link.txt"]).files).toEqual(["a/x.txt", "a/y.txt"]);
    expect(found(["a/x.txt", "link.txt"]).files).toEqual(["a/x.txt"]);
  });

  test("follows a link the user named, and no other", () => {
    put("a/x.pkl", "a/y.txt");
    writeFileSync(join(base, "outside.pkl"), "x");
    writeFileSync(join(base, "outside.txt"), "x");
    symlinkSync("x.pkl", join(cwd, "a/inside.pkl"));
    symlinkSync("..", join(cwd, "a/loop"));
    symlinkSync(join(base, "outside.pkl"), join(cwd, "a/out.pkl"));
    symlinkSync(join(base, "outside.txt"), join(cwd, "a/out.txt"));
    symlinkSync("nowhere", join(cwd, "a/broken"));
    expect(found(["a"])).toEqual({
      files: ["a/x.pkl", "a/y.txt"],
      other: [
        "skipped a/broken: a link that leads nowhere",
        "skipped a/inside.pkl: a link to something that is examined where it is",
        "skipped a/loop: a link that leads out of what is scanned",
        "incomplete a/out.pkl: a link that leads out of what is scanned",
        "skipped a/out.txt: a link that leads out of what is scanned",
      ],
    });
    expect(found(["a/out.pkl"]).files).toEqual(["a/out.pkl"]);
  });

  test("skips and lists what is no file, and never waits for it", async () => {
    put("x.txt");
    execFileSync("mkfifo", [join(cwd, "pipe.pkl")]);
    const server = createServer().listen(join(cwd, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(found()).toEqual({
      files: ["x.txt"],
      other: ["skipped pipe.pkl: a named pipe", "skipped socket: a socket"],
    });
    expect(() => found(["pipe.pkl"])).toThrow(/Only files and folders/);
    await new Promise((resolve) => server.close(resolve));
  });

  test("refuses a path that does not exist", () => {
    expect(() => found(["nothing"])).toThrow(/no such file/);
  });

  test("reports folders that cannot be read", () => {
    if (process.getuid?.() === 0) return console.log("not run: the superuser can read everything");
    put("secret/x.pkl");
    chmodSync(join(cwd, "secret"), 0);
    expect(found().other).toEqual(["incomplete secret: the folder cannot be read: EACCES"]);
    chmodSync(join(cwd, "secret"), 0o700);
  });
});

describe("ignore rules", () => {
  test("count only inside a git work tree, and never hide a model", () => {
    put("build/a.txt", "build/deep/b.pkl", "src/c.txt", "src/d.log", "e.log");
    writeFileSync(join(cwd, ".gitignore"), "build/\n*.log\n!e.log\n");
    expect(found().files).toHaveLength(6);
    mkdirSync(join(cwd, ".git"));
    expect(found().files).toEqual([".gitignore", "build/deep/b.pkl", "e.log", "src/c.txt"]);
    expect(found().other).toEqual([
      "skipped .git/: git's own data",
      "skipped build/: 1 file left out by .gitignore (model files were examined)",
      "skipped : 1 file left out by .gitignore (model files were examined)",
    ]);
    expect(found(["."], { ignore: false }).files).toHaveLength(6);
    expect(found(["build/a.txt"]).files).toEqual(["build/a.txt"]);
  });

  test("of folders above and of nested files count, the innermost last", () => {
    put("a/b/x.tmp", "a/b/keep.tmp", "a/y.tmp", "a/b/z.txt");
    mkdirSync(join(cwd, ".git/info"), { recursive: true });
    writeFileSync(join(cwd, ".git/info/exclude"), "z.txt\n");
    writeFileSync(join(cwd, ".gitignore"), "*.tmp\n");
    writeFileSync(join(cwd, "a/b/.gitignore"), "!keep.tmp\n");
    expect(found(["a"]).files).toEqual(["a/b/.gitignore", "a/b/keep.tmp"]);
  });

  test(".castellanignore leaves out models too, and says how many", () => {
    put("old/a.pkl", "old/b.pkl", "new/a.pkl");
    writeFileSync(join(cwd, ".castellanignore"), "# kept for the museum\nold/\n");
    expect(found()).toEqual({
      files: [".castellanignore", "new/a.pkl"],
      other: ["skipped old/: 2 files left out by .castellanignore"],
    });
    expect(found(["old"]).files).toEqual(["old/a.pkl", "old/b.pkl"]);
    expect(found(["old/a.pkl"]).files).toEqual(["old/a.pkl"]);
  });

  test("a .castellanignore that comes with what is scanned hides no model", () => {
    put("download/a.pkl", "download/b.txt", "download/c.md");
    writeFileSync(join(cwd, "download/.castellanignore"), "*\n");
    expect(found(["download"])).toEqual({
      files: ["download/a.pkl"],
      other: ["skipped : 3 files left out by its .castellanignore (model files were examined)"],
    });
  });

  test("agree with git", () => {
    const lines = [
      "*.o",
      "/top.txt",
      "doc/*.txt",
      "**/cache/**",
      "deep/**/end",
      "a[0-9].c",
      "!a7.c",
      "sp\\ ace",
      "\\#hash",
      "trail ",
      "dir/",
      "x?z",
      "[!b]1.k",
    ];
    const paths = [
      "m.o",
      "s/m.o",
      "top.txt",
      "s/top.txt",
      "doc/a.txt",
      "doc/s/a.txt",
      "p/cache/q/r.txt",
      "cache/a",
      "deep/end",
      "deep/1/2/end",
      "a3.c",
      "a7.c",
      "ab.c",
      "sp ace",
      "#hash",
      "trail",
      "dir/f",
      "s/dir/f",
      "xyz",
      "x/z",
      "xyyz",
      "b1.k",
      "c1.k",
      "plain",
    ];
    execFileSync("git", ["init", "-q", cwd]);
    put(...paths);
    writeFileSync(join(cwd, ".gitignore"), lines.join("\n"));
    const kept = execFileSync(
      "git",
      ["-C", cwd, "-c", "core.excludesFile=/dev/null", "ls-files", "-o", "--exclude-standard", "-z"],
      { encoding: "utf8" },
    );
    expect(found().files.toSorted()).toEqual(kept.split("\0").filter(Boolean).toSorted());
  });
});
