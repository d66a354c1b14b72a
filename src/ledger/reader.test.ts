import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { leafHash, rootOfHashes, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { openLogReader } from "./reader.ts";
import { appendAll, collect, diskLog, numbered } from "./testing/disk-log.ts";

describe("a log reader", () => {
  it("proves any entry in any size, and any growth, over tile borders", async () => {
    using log = diskLog();
    const size = 70_000;
    const entries = numbered(size);
    const writer = await log.open();
    await appendAll(writer, entries);
    await writer.close();
    const reader = openLogReader(log.dir, { vkey: log.vkey });
    expect(reader.size).toBe(size);
    const near = fc.oneof(
      fc.integer({ min: 1, max: size }),
      fc.constantFrom(1, 255, 256, 257, 65_535, 65_536, 65_537, size),
    );
    const checked = new Map<number, Uint8Array>();
    const rootAt = async (at: number) => {
      const root = checked.get(at) ?? (await reader.root(at));
      checked.set(at, root);
      return root;
    };
    expect(await rootAt(300)).toEqual(rootOfHashes(entries.slice(0, 300).map(leafHash)));
    await fc.assert(
      fc.asyncProperty(near, near, fc.nat(), async (a, b, pick) => {
        const [older, newer] = a < b ? [a, b] : [b, a];
        const index = pick % newer;
        const root = await rootAt(newer);
        verifyInclusion(index, newer, leafHash(entries[index]!), root, await reader.inclusionProof(index, newer));
        verifyConsistency(older, await rootAt(older), newer, root, await reader.consistencyProof(older, newer));
        expect(Buffer.from(await reader.entry(index))).toEqual(Buffer.from(entries[index]!));
      }),
      { numRuns: 60 },
    );
    await reader.inclusionProof(69_999);
    expect(await collect(reader.entries(65_500, 65_600))).toEqual(
      entries.slice(65_500, 65_600).map((e) => Buffer.from(e)),
    );
    expect(await collect(reader.entries(5, 5))).toEqual([]);
  });

  it("sees a consistent, growing log while a writer goes on", async () => {
    using log = diskLog();
    const writer = await log.open();
    const reader = openLogReader(log.dir, { vkey: log.vkey });
    const progress = { writing: true };
    const write = async () => {
      for (let at = 0; at < 3000; at += 30) {
        await appendAll(writer, numbered(30, at));
        if (at % 90 === 0) await writer.publish();
      }
      await writer.publish();
      progress.writing = false;
    };
    const written = write();
    let before = openCheckpoint(await reader.checkpointText(), log.vkey);
    let growths = 0;
    while (progress.writing) {
      // One reader keeps its checkpoint while the log runs ahead of it.
      const late = openLogReader(log.dir, { vkey: log.vkey });
      const now = openCheckpoint(await reader.checkpointText(), log.vkey);
      expect(now.size).toBeGreaterThanOrEqual(before.size);
      verifyConsistency(before.size, before.root, now.size, now.root, await reader.consistencyProof(before.size));
      if (now.size > before.size) growths += 1;
      before = now;
      const all = await collect(late.entries());
      expect(all).toEqual(numbered(late.size).map((entry) => Buffer.from(entry)));
      if (late.size > 0) await late.inclusionProof(late.size - 1);
    }
    await written;
    await writer.close();
    expect(growths).toBeGreaterThan(3);
  });

  it("refuses positions the log does not have", async () => {
    using log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(10));
    await writer.close();
    const reader = openLogReader(log.dir);
    const usage = { code: "USAGE" };
    await expect(reader.entry(10)).rejects.toMatchObject(usage);
    await expect(reader.entry(-1)).rejects.toMatchObject(usage);
    await expect(reader.inclusionProof(0, 11)).rejects.toMatchObject(usage);
    await expect(reader.inclusionProof(5, 5)).rejects.toMatchObject(usage);
    await expect(reader.consistencyProof(6, 5)).rejects.toMatchObject(usage);
    await expect(reader.consistencyProof(0.5, 5)).rejects.toMatchObject(usage);
    await expect(collect(reader.entries(0, 11))).rejects.toMatchObject(usage);
  });

  it("says where there is no log, and what is wrong with its checkpoint", async () => {
    const dir = mkdtempSync(join(tmpdir(), "castellan-nolog-"));
    expect(() => openLogReader(dir)).toThrowError(expect.objectContaining({ code: "NOT_FOUND" }));
    mkdirSync(join(dir, "checkpoint"));
    expect(() => openLogReader(dir)).toThrowError(expect.objectContaining({ code: "INTEGRITY" }));
    rmSync(dir, { recursive: true });
    using log = diskLog();
    using other = diskLog();
    await (await log.open()).close();
    expect(() => openLogReader(log.dir, { vkey: other.vkey })).toThrowError(
      expect.objectContaining({ code: "SIGNATURE" }),
    );
    writeFileSync(join(log.dir, "checkpoint"), "no note");
    expect(() => openLogReader(log.dir)).toThrowError(
      expect.objectContaining({ code: "INTEGRITY", where: "checkpoint" }),
    );
  });

  it("does not hand out damaged entries, or proofs from damaged tiles", async () => {
    using log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(600));
    await writer.close();
    const spoil = (path: string, at: number) => {
      const file = join(log.dir, path);
      const bytes = readFileSync(file);
      bytes[at]! ^= 1;
      writeFileSync(file, bytes);
    };
    spoil("tile/entries/001", 40);
    spoil("tile/0/000", 33);
    const reader = openLogReader(log.dir);
    const damage = { code: "INTEGRITY" };
    await expect(reader.entry(256)).rejects.toMatchObject(damage);
    await expect(collect(reader.entries())).rejects.toMatchObject(damage);
    await expect(reader.inclusionProof(0)).rejects.toMatchObject(damage);
    expect(Buffer.from(await reader.entry(599))).toEqual(Buffer.from(numbered(1, 599)[0]!));
  });

  it("notices that the log was rolled back while it reads", async () => {
    using log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(3));
    const old = await writer.publish();
    await appendAll(writer, numbered(3, 3));
    await writer.close();
    const reader = openLogReader(log.dir);
    writeFileSync(join(log.dir, "checkpoint"), old);
    await expect(reader.checkpointText()).rejects.toMatchObject({ code: "INTEGRITY" });
    expect(reader.size).toBe(6);
  });
});
