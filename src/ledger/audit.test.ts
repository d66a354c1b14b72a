import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditLog } from "./audit.ts";
import { exportLog, tilesOf } from "./export.ts";
import { openLogReader } from "./reader.ts";
import { appendAll, type DiskLog, diskLog, numbered } from "./testing/disk-log.ts";
import { tilePath } from "./tile.ts";

describe("an audit", () => {
  const size = 2300;
  const room = mkdtempSync(join(tmpdir(), "castellan-audit-"));
  const sound = join(room, "sound");
  let log: DiskLog;
  let earlier: string;

  beforeAll(async () => {
    log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(1000));
    earlier = await writer.publish();
    await appendAll(writer, numbered(size - 1000, 1000));
    await writer.close();
    await exportLog(log.dir, sound);
  });
  afterAll(() => {
    log[Symbol.dispose]();
    rmSync(room, { recursive: true });
  });

  const changed = (change: (at: (path: string) => string) => void): string => {
    const dir = mkdtempSync(join(room, "copy-"));
    cpSync(sound, dir, { recursive: true });
    change((path) => join(dir, path));
    return dir;
  };
  const flip = (file: string, at: number) => {
    const bytes = readFileSync(file);
    bytes[at]! ^= 0x40;
    writeFileSync(file, bytes);
  };

  it("finds nothing wrong with a sound log and its export, which is checkpoint and tiles only", async () => {
    for (const dir of [log.dir, sound])
      expect(await auditLog(dir, log.vkey, { since: earlier })).toMatchObject({
        ok: true,
        defects: [],
        truncated: false,
        checkpoint: { origin: log.origin, size },
      });
    expect(readdirSync(sound).sort()).toEqual(["checkpoint", "tile"]);
    const files = readdirSync(join(sound, "tile"), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(files).toHaveLength([...tilesOf(size)].length);
    expect([...tilesOf(size)].map(tilePath)).toContain("tile/1/000.p/8");
    await expect(exportLog(log.dir, sound)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(exportLog(room, join(room, "new"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([
    ["a byte of a full bundle flipped", "tile/entries/007", (f: string) => flip(f, 100), "tile/0/007"],
    ["a length in a bundle flipped", "tile/entries/007", (f: string) => flip(f, 0), "tile/entries/007"],
    ["a bundle cut", "tile/entries/007", (f: string) => truncateSync(f, 500), "tile/entries/007"],
    ["a bundle grown", "tile/entries/007", (f: string) => writeFileSync(f, "\0\0", { flag: "a" }), "tile/entries/007"],
    ["a bundle gone", "tile/entries/007", (f: string) => rmSync(f), "tile/entries/007"],
    ["a bundle of 100 GB", "tile/entries/007", (f: string) => truncateSync(f, 1e11), "tile/entries/007"],
    ["the partial bundle gone", "tile/entries/008.p/252", (f: string) => rmSync(f), "tile/entries/008.p/252"],
    ["a byte of a full tile flipped", "tile/0/006", (f: string) => flip(f, 8191), "tile/0/006"],
    ["a full tile cut", "tile/0/006", (f: string) => truncateSync(f, 8160), "tile/0/006"],
    ["a full tile grown", "tile/0/006", (f: string) => truncateSync(f, 8193), "tile/0/006"],
    ["a full tile gone", "tile/0/006", (f: string) => rmSync(f), "tile/0/006"],
    ["a byte of the upper tile flipped", "tile/1/000.p/8", (f: string) => flip(f, 3), "tile/1/000.p/8"],
    ["a partial tile empty", "tile/0/008.p/252", (f: string) => truncateSync(f, 0), "tile/0/008.p/252"],
    ["the checkpoint's root changed", "checkpoint", (f: string) => flip(f, 26), "checkpoint"],
    [
      "the checkpoint's signature changed",
      "checkpoint",
      (f: string) => flip(f, readFileSync(f).length - 30),
      "checkpoint",
    ],
    ["the checkpoint cut", "checkpoint", (f: string) => truncateSync(f, 30), "checkpoint"],
    ["the checkpoint gone", "checkpoint", (f: string) => rmSync(f), "checkpoint"],
  ])("names the file with %s", async (_, path, change, file) => {
    const dir = changed((at) => change(at(path)));
    const report = await auditLog(dir, log.vkey);
    expect(report.ok).toBe(false);
    expect(report.defects[0]!.file).toBe(file);
  });

  it("holds tiles and bundles that only earlier checkpoints needed against what stands there now", async () => {
    using young = diskLog();
    const writer = await young.open();
    for (let size = 0; size < 5; size++) {
      await appendAll(writer, numbered(1, size));
      await writer.publish();
    }
    await writer.close();
    expect(await auditLog(young.dir, young.vkey)).toMatchObject({ ok: true, defects: [] });
    rmSync(join(young.dir, "tile/0/000.p/2"));
    expect(await auditLog(young.dir, young.vkey)).toMatchObject({ ok: true });
    for (const path of ["tile/0/000.p/3", "tile/entries/000.p/3"]) {
      flip(join(young.dir, path), 20);
      const { defects } = await auditLog(young.dir, young.vkey);
      expect(defects).toEqual([{ file: path, problem: expect.stringContaining("beginning") as unknown }]);
      flip(join(young.dir, path), 20);
    }
    truncateSync(join(young.dir, "tile/entries/000.p/1"), 1);
    expect(await auditLog(young.dir, young.vkey)).toMatchObject({
      ok: false,
      defects: [{ file: "tile/entries/000.p/1" }],
    });
  });

  it("sees two tiles or bundles swapped, and a tile in a bundle's place", async () => {
    const swap = (at: (path: string) => string, a: string, b: string) => {
      renameSync(at(a), at("spare"));
      renameSync(at(b), at(a));
      renameSync(at("spare"), at(b));
    };
    for (const [a, b] of [
      ["tile/0/003", "tile/0/004"],
      ["tile/entries/003", "tile/entries/004"],
      ["tile/0/003", "tile/entries/003"],
    ] as const) {
      const report = await auditLog(
        changed((at) => swap(at, a, b)),
        log.vkey,
      );
      expect(report.ok).toBe(false);
    }
  });

  it("sees a folder or a pipe in a tile's place, and does not wait for the pipe", async () => {
    const dir = changed((at) => {
      rmSync(at("tile/0/003"));
      mkdirSync(at("tile/0/003"));
      rmSync(at("tile/0/004"));
      execFileSync("mkfifo", [at("tile/0/004")]);
    });
    const problem: unknown = expect.stringMatching(/plain file/);
    const { defects } = await auditLog(dir, log.vkey);
    expect(defects).toEqual([
      { file: "tile/0/003", problem },
      { file: "tile/0/004", problem },
    ]);
  });

  it("goes up through every level of tiles", async () => {
    using large = diskLog();
    const writer = await large.open();
    await appendAll(writer, numbered(66_300));
    await writer.close();
    expect(await auditLog(large.dir, large.vkey)).toMatchObject({ ok: true, checkpoint: { size: 66_300 } });
    flip(join(large.dir, "tile/2/000.p/1"), 3);
    flip(join(large.dir, "tile/1/000"), 300);
    flip(join(large.dir, "tile/1/001.p/2"), 63);
    const { defects } = await auditLog(large.dir, large.vkey);
    expect(defects.map(({ file }) => file).toSorted()).toEqual(["tile/1/000", "tile/1/001.p/2", "tile/2/000.p/1"]);
  });

  it("reports every defect up to a number, then stops", async () => {
    const dir = changed((at) => {
      for (const name of ["001", "002", "003"]) rmSync(at(`tile/0/${name}`));
      flip(at("tile/entries/004"), 90);
    });
    const all = await auditLog(dir, log.vkey);
    expect(all.defects.map(({ file }) => file)).toEqual(
      expect.arrayContaining(["tile/0/001", "tile/0/002", "tile/0/003", "tile/0/004"]),
    );
    expect(all.truncated).toBe(false);
    expect(await auditLog(dir, log.vkey, { maxDefects: 2 })).toMatchObject({ truncated: true, defects: { length: 2 } });
  });

  it("refuses the wrong key, a wrong place, and tells a fork from growth", async () => {
    using other = diskLog();
    expect(await auditLog(sound, other.vkey)).toMatchObject({ ok: false, defects: [{ file: "checkpoint" }] });
    await expect(auditLog(join(room, "nowhere"), log.vkey)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(auditLog(sound, "no key")).rejects.toMatchObject({ code: "MALFORMED" });
    const writer = await log.open({ dir: other.dir });
    await appendAll(writer, numbered(1200, 5));
    await writer.close();
    const fork = await auditLog(other.dir, log.vkey, { since: earlier });
    expect(fork.defects).toEqual([{ file: "checkpoint", problem: expect.stringMatching(/forked/) }]);
    const newest = await openLogReader(log.dir).checkpointText();
    const shrunk = await auditLog(other.dir, log.vkey, { since: newest });
    expect(shrunk.defects).toEqual([{ file: "checkpoint", problem: expect.stringMatching(/signed before/) }]);
  });
});
