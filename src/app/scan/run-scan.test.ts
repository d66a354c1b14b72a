import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScanReport } from "../../core/scan.ts";
import { scanPaths } from "./run-scan.ts";
import type { ScanOptions } from "./run-scan.ts";
import { box, boxed } from "./testing/toy-readers.ts";

const lists = new URL("./testing/lists.ts", import.meta.url).href;
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "castellan-scan-test-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), content);
}

async function scan(paths: readonly string[] = ["."], options: ScanOptions = {}): Promise<ScanReport> {
  return scanPaths(paths, { cwd, lists, workers: 2, ...options });
}

const ids = (report: ScanReport): string[] => report.findings.map(({ id, path }) => `${id} ${path}`);
const whys = (report: ScanReport): string[] => report.incomplete.map(({ path, why }) => `${path}: ${why}`);

describe.each([
  ["on worker threads", 2],
  ["on this thread", 0],
])("a scan %s", (_, workers) => {
  test("judges model files safe, unsafe and incomplete", async () => {
    put("bad.toy", "TOY\nfind critical toys explode");
    put("good.toy", "TOY\n");
    put("odd.toy", "TOY\nread: gap\nfind low");
    put("notes.md", "nothing");
    const report = await scan(["."], { workers });
    expect(ids(report)).toEqual(["toys/find bad.toy", "toys/find odd.toy"]);
    expect(report.files.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual([
      "bad.toy unsafe",
      "good.toy safe",
      "odd.toy incomplete",
    ]);
    expect(whys(report)).toEqual(["odd.toy: this line is a riddle"]);
    expect(report.summary).toMatchObject({
      critical: 1,
      low: 1,
      models: 3,
      safe: 1,
      unsafe: 1,
      incomplete: 1,
      files: 4,
    });
    expect(report.skipped).toContainEqual({ path: "notes.md", why: "text that no check asks for" });
  });

  test("looks into containers, and names what is inside after its container", async () => {
    put(
      "a.box",
      box(
        { name: "x/bad.toy", text: "TOY\nfind high" },
        boxed("in.box", box({ name: "y.toy", text: "TOY\nfind low" })),
      ),
    );
    const report = await scan(["a.box"], { workers });
    expect(ids(report)).toEqual(["toys/find a.box!x/bad.toy", "toys/find a.box!in.box!y.toy"]);
    expect(report.files.map(({ path, verdict }) => `${path} ${verdict}`)).toEqual([
      "a.box unsafe",
      "a.box!in.box safe",
      "a.box!in.box!y.toy safe",
      "a.box!x/bad.toy unsafe",
    ]);
  });

  test.each([
    ["a check that throws", "throw", 1, /check toys\/throw failed: .* is not a function/],
    [
      "a check that hangs",
      "hang",
      0,
      /check toys\/hang:? did not finish within 0\.4 seconds|check toys\/hang: it did not finish/,
    ],
    ["a check that backtracks without end", "backtrack", 0, /toys\/hang.* did not finish/],
    ["a check that floods without end", "flood forever", 1, /toys\/flood.* did not finish/],
    ["a reader that hangs", "read: hang", 0, /reading it as toy.* did not finish/],
    ["a reader that runs out of time", "read: tick forever", 0, /reading it took longer than 0\.4 seconds/],
    ["a reader that throws", "read: throw", 0, /reading it as toy failed: .* is not a function/],
    ["a reader that wants too much memory", "read: hold", 0, /needs more than \d+ bytes of memory/],
  ])("survives %s and says so", async (_, line, kept, why) => {
    put("a.toy", `TOY\n${line}`);
    put("b.toy", "TOY\nfind high");
    const report = await scan(["."], { workers, limits: { stepSeconds: 0.4 } });
    expect(whys(report).join("\n")).toMatch(why);
    expect(report.incomplete.every(({ path }) => path === "a.toy")).toBe(true);
    expect(ids(report)).toContain("toys/find b.toy");
    expect(report.findings.some(({ path }) => path === "a.toy")).toBe(kept > 0);
    expect(report.files.find(({ path }) => path === "a.toy")?.verdict).toBe(kept > 0 ? "unsafe" : "incomplete");
  });

  test("keeps the worst of a flood and counts the rest", async () => {
    put("a.toy", "TOY\nflood");
    const report = await scan(["."], { workers });
    expect(report.findings[0]).toMatchObject({ severity: "critical", why: "the one under the flood" });
    expect(report.findings).toHaveLength(101);
    expect(report.skipped).toContainEqual({
      path: "a.toy",
      why: "toys/flood reported 49900 more findings like those shown",
    });
  });

  test.each([
    [
      "nesting",
      { nesting: 2 },
      boxed("1.box", box(boxed("2.box", box(boxed("3.box", box({ name: "t.toy", text: "TOY" })))))),
      /nested more than 2 deep/,
    ],
    [
      "unpacked bytes",
      { unpackedBytes: 1_000_000 },
      { name: "z.toy", text: "TOY\nfind high\n", zeros: 2_000_000 },
      /unpacks to more than 1000000 bytes/,
    ],
    [
      "ratio",
      {},
      { name: "z.toy", text: "TOY\nfind high\n", zeros: 40_000_000 },
      /more than 200 times its stored size/,
    ],
    [
      "entries",
      { entries: 1 },
      boxed("i.box", box({ name: "a.toy", text: "TOY" }, { name: "b.toy", text: "TOY" })),
      /holds more than 1 files/,
    ],
  ] as const)("stops at the bound on %s and says what to raise", async (_, limits, member, why) => {
    put("a.box", box(member));
    const report = await scan(["a.box"], { workers, limits });
    expect(whys(report).join("\n")).toMatch(why);
    expect(report.incomplete.every(({ next }) => next?.includes("--limit"))).toBe(true);
    expect(report.files.find(({ path }) => path === "a.box")?.verdict).not.toBe("safe");
  });

  test("examines what came out of a member that breaks, and reports the break", async () => {
    put("a.box", box({ name: "z.toy", text: "TOY\nfind high", broken: "its checksum is wrong" }));
    const report = await scan(["."], { workers });
    expect(ids(report)).toEqual(["toys/find a.box!z.toy"]);
    expect(whys(report)).toEqual(["a.box!z.toy: unpacking it: its checksum is wrong"]);
  });

  test("spools large members to a file and leaves nothing behind", async () => {
    put("a.box", box({ name: "z.toy", text: "TOY\nfind high\n", zeros: 9_000_000 }));
    const report = await scan(["."], { workers });
    expect(ids(report)).toEqual(["toys/find a.box!z.toy"]);
    expect(report.incomplete).toEqual([]);
  });

  test("does not call a format safe that no check examines, nor content it does not know", async () => {
    put("a.unjudged", "UNJUDGED");
    put("b.toy", new Uint8Array([1, 2, 0, 9]));
    put("c.toy", "text under a model's name");
    put("d.toy", "TOY\nread: malformed");
    put("e.dat", new Uint8Array([1, 2, 0, 9]));
    const report = await scan(["."], { workers });
    expect(whys(report)).toEqual([
      "a.unjudged: no check examines a toy nobody checks",
      "b.toy: by its name it is a toy or toy song, but its content is no format known here",
      "c.toy: by its name it is a toy or toy song, but its content is no format known here",
      "d.toy: reading it as toy: toys have no such line",
    ]);
    expect(report.files.map(({ verdict }) => verdict)).toEqual(Array(4).fill("incomplete"));
    const given = await scan(["e.dat"], { workers });
    expect(whys(given)).toEqual(["e.dat: its content is no format known here"]);
  });
});

describe("worker threads", () => {
  test.each([
    ["heap", "hog heap", /check toys\/hog (ran out of memory|did not finish)/],
    ["buffers", "hog buffers", /check toys\/hog used more memory than a scan may/],
    ["a crash", "exit", /check toys\/hog crashed \(its thread ended with code 7\)/],
  ])("end with their check when it takes too much: %s", async (_, line, why) => {
    for (let index = 0; index < 40; index++) put(`many/${index}.toy`, "TOY\nfind low");
    put("many/20.toy", `TOY\n${line}\nfind high`);
    const memoryBytes = process.memoryUsage().rss + 500 * 1024 * 1024;
    const report = await scan(["."], { memoryBytes, limits: { stepSeconds: 5 } });
    expect(whys(report)).toEqual([expect.stringMatching(why)]);
    expect(report.findings).toHaveLength(40);
    expect(report.summary.files).toBe(40);
  });

  test("several bad files cost only themselves", async () => {
    for (let index = 0; index < 8; index++)
      put(`${index}.toy`, index % 2 === 0 ? "TOY\nhang\nfind high" : "TOY\nfind low");
    const report = await scan(["."], { limits: { stepSeconds: 0.4 } });
    expect(report.summary).toMatchObject({ high: 4, low: 4, incomplete: 4 });
  });

  test("stop when asked, and say what was not examined", async () => {
    put("0.toy", "TOY\nfind low");
    put("a.toy", "TOY\nhang");
    put("b.toy", "TOY\nhang");
    const controller = new AbortController();
    const progress = { step: () => setTimeout(() => controller.abort(), 50) };
    const report = await scan(["."], { signal: controller.signal, progress });
    expect(ids(report)).toEqual(["toys/find 0.toy"]);
    expect(whys(report).join("\n")).toMatch(/^: the scan was stopped/m);
    expect(whys(report).join("\n")).toMatch(/a\.toy: the scan was stopped before it was examined/);
  });

  test("give the same report every time, whatever the number of threads", async () => {
    for (let index = 0; index < 120; index++)
      put(`${index % 7}/${index}.toy`, `TOY\nfind high same\nfind low ${"x".repeat(index)}`);
    const strip = ({ summary, findings, files }: ScanReport): unknown => ({ findings, files, high: summary.high });
    const [one, two, none] = [
      await scan(["."], { workers: 1 }),
      await scan(["."], { workers: 3 }),
      await scan(["."], { workers: 0 }),
    ];
    expect(strip(two)).toEqual(strip(one));
    expect(strip(none)).toEqual(strip(one));
    expect(new Set(one.findings.map(({ fingerprint }) => fingerprint)).size).toBe(one.findings.length);
  });

  test("say when they cannot be started", async () => {
    put("a.toy", "TOY");
    put("b.toy", "TOY");
    const broken =
      "data:text/javascript,import{isMainThread}from'node:worker_threads';if(!isMainThread)throw new Error('no lists');export const checkIndex=[],readers=[]";
    await expect(scan(["."], { lists: broken })).rejects.toThrow(/cannot be started: no lists/);
  });
});

describe("one file", () => {
  test("that is two formats at once is examined as both", async () => {
    put("both.toy", "TOY\nsong\nfind low\nalso BOX");
    const report = await scan(["."]);
    expect(report.files).toEqual([{ path: "both.toy", verdict: "safe", formats: ["toy song", "toy in disguise"] }]);
  });

  test("that is named after something else is reported to checks of files as such", async () => {
    put("really.box", "TOY\n");
    expect(ids(await scan(["."]))).toEqual(["toys/named really.box"]);
  });

  test("with accepted findings keeps those that nobody accepted, or not any more", async () => {
    const mark = (until: string): string => `  # castellan:ignore toys/find until=${until} known`;
    put("a.toy", `TOY\nfind high a${mark("2999-01-01")}\nfind high b\nfind high c${mark("2001-01-01")}`);
    const report = await scan(["."]);
    expect(report.findings.map(({ evidence }) => evidence)).toEqual(["b", "c"]);
    expect(report.suppressed).toMatchObject([{ reason: "known", by: "a.toy:2" }]);
    expect(report.notes).toEqual([expect.stringMatching(/^a\.toy:4: .* expired on 2001-01-01$/)]);
    expect(report.files[0]?.verdict).toBe("unsafe");
  });

  test("merges what its check calls one problem", async () => {
    put("a.toy", "TOY\nkeyed x\nkeyed y\nkeyed x\nkeyed x");
    const { findings } = await scan(["."]);
    expect(findings.map(({ evidence }) => evidence)).toEqual(["(and 2 more places)", undefined]);
  });
});

describe("choosing checks", () => {
  test("runs those whose id starts with a prefix, and says which lack what they need", async () => {
    put("a.toy", "TOY\nfind high\nthrow");
    const only = await scan(["."], { only: ["toys/find"] });
    expect(ids(only)).toEqual(["toys/find a.toy"]);
    expect(only.notes).toEqual(["only checks whose id starts with toys/find were run: the verdicts say no more"]);
    const offline = await scan(["."]);
    expect(offline.skipped).toContainEqual({ path: "", why: "check toys/connected needs network" });
    expect(ids(await scan(["."], { offline: false }))).toContain("toys/connected a.toy");
  });
});
