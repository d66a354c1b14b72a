import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { auditLog } from "./audit.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { leafHash, rootOfHashes, verifyConsistency, verifyInclusion } from "./merkle.ts";
import { openLogReader } from "./reader.ts";
import { appendAll, collect, diskLog, numbered } from "./testing/disk-log.ts";

describe("a log writer", () => {
  it("starts an empty log that audits", async () => {
    using log = diskLog();
    const writer = await log.open();
    expect(writer.size).toBe(0);
    expect(openCheckpoint(await writer.publish(), writer.vkey)).toMatchObject({ origin: log.origin, size: 0 });
    await writer.close();
    expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true, checkpoint: { size: 0 } });
  });

  it("numbers entries in the order of the calls and returns their leaf hashes", async () => {
    using log = diskLog();
    const writer = await log.open();
    const entries = numbered(600);
    const places = await Promise.all(entries.map((entry) => writer.append(entry)));
    expect(places.map(({ index }) => index)).toEqual(entries.map((_, i) => i));
    expect(places[7]!.leafHash).toEqual(leafHash(entries[7]!));
    expect(writer.size).toBe(600);
    const checkpoint = openCheckpoint(await writer.publish(), writer.vkey);
    expect(checkpoint.size).toBe(600);
    expect(checkpoint.root).toEqual(rootOfHashes(entries.map(leafHash)));
    await writer.close();
  });

  it("keeps its own copy of what it was given", async () => {
    using log = diskLog();
    const writer = await log.open();
    const entry = utf8("before");
    const appended = writer.append(entry);
    entry.fill(0);
    await appended;
    await writer.close();
    expect(Buffer.from(await openLogReader(log.dir).entry(0)).toString()).toBe("before");
  });

  it.each([1, 2, 255, 256, 257, 511, 512, 700])(
    "goes on after being reopened at %i entries, whatever the steps",
    async (step) => {
      using log = diskLog();
      const entries = numbered(step * 3);
      for (let at = 0; at < entries.length; at += step) {
        const writer = await log.open();
        expect(writer.size).toBe(at);
        await appendAll(writer, entries.slice(at, at + step));
        await writer.close();
      }
      const reader = openLogReader(log.dir, { vkey: log.vkey });
      expect(await collect(reader.entries())).toEqual(entries.map((one) => Buffer.from(one)));
      expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true, defects: [] });
    },
  );

  it("publishes many small checkpoints that all prove what they cover and extend each other", async () => {
    using log = diskLog();
    const writer = await log.open();
    const entries = numbered(530);
    const checkpoints = [];
    for (const [i, entry] of entries.entries()) {
      await writer.append(entry);
      if (i % 23 === 0 || i > 500) checkpoints.push(openCheckpoint(await writer.publish(), writer.vkey));
    }
    await writer.close();
    const reader = openLogReader(log.dir);
    const last = checkpoints.at(-1)!;
    for (const one of checkpoints) {
      verifyConsistency(one.size, one.root, last.size, last.root, await reader.consistencyProof(one.size));
      const index = Math.floor(one.size / 2);
      const proof = await reader.inclusionProof(index, one.size);
      verifyInclusion(index, one.size, leafHash(entries[index]!), one.root, proof);
    }
    expect(existsSync(join(log.dir, "tile/0/000.p"))).toBe(false);
    expect(existsSync(join(log.dir, "tile/0/000"))).toBe(true);
    expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true });
  });

  it("catches up by itself, without publish", async () => {
    using log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(300));
    const reader = openLogReader(log.dir);
    await expect.poll(async () => openCheckpoint(await reader.checkpointText(), log.vkey).size).toBe(300);
    await writer.close();
  });

  it("takes entries of 0 to 65,535 bytes and refuses longer ones", async () => {
    using log = diskLog();
    const writer = await log.open();
    const entries = [new Uint8Array(0), new Uint8Array(65_535).fill(7), new Uint8Array(1)];
    await appendAll(writer, entries);
    await expect(writer.append(new Uint8Array(65_536))).rejects.toMatchObject({ code: "LIMIT" });
    await writer.close();
    const reader = openLogReader(log.dir);
    expect((await reader.entry(1)).length).toBe(65_535);
    expect((await reader.entry(0)).length).toBe(0);
    expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true });
  });

  it("leaves an empty journal and no half-written file behind when closed", async () => {
    using log = diskLog();
    const writer = await log.open();
    await appendAll(writer, numbered(50));
    expect(readdirSync(join(log.dir, "journal"))).toHaveLength(1);
    await writer.close();
    await writer.close();
    expect(readdirSync(join(log.dir, "journal"))).toEqual([]);
    expect(readdirSync(join(log.dir, "tmp"))).toEqual([]);
    await expect(writer.append(utf8("late"))).rejects.toMatchObject({ code: "USAGE" });
    await expect(writer.publish()).rejects.toMatchObject({ code: "USAGE" });
  });

  it("does not open a log under another name or key", async () => {
    using log = diskLog();
    await (await log.open()).close();
    using other = diskLog();
    await expect(log.open({ origin: "example.com/other" })).rejects.toMatchObject({ code: "SIGNATURE" });
    await expect(log.open({ signer: other.options.signer })).rejects.toMatchObject({ code: "SIGNATURE" });
    await (await log.open()).close();
  });
});

describe("cosigning", () => {
  it("publishes the cosigned note, with a consistency proof for whoever asks", async () => {
    using log = diskLog();
    const asked: number[] = [];
    const writer = await log.open({
      cosign: async ({ note, size, consistencyProof }) => {
        asked.push(size);
        if (size > 2) expect(await consistencyProof(2)).not.toEqual([]);
        return `${note}\u2014 witness.example AAAAAAAAAAA=\n`;
      },
    });
    await appendAll(writer, numbered(5));
    const note = await writer.publish();
    expect(note).toContain("witness.example");
    expect(await openLogReader(log.dir).checkpointText()).toBe(note);
    await writer.close();
    expect(await openLogReader(log.dir).checkpointText()).toBe(note);
    expect(asked).toEqual([5]);
  });

  it("that answers after the log was closed changes nothing, so that it cannot undo what the next writer did", async () => {
    using log = diskLog();
    const answer = Promise.withResolvers<void>();
    const writer = await log.open({
      async cosign({ note }) {
        await answer.promise;
        return `${note}\u2014 witness.example AAAAAAAAAAA=\n`;
      },
    });
    await appendAll(writer, numbered(5));
    const late = writer.publish();
    await expect.poll(() => openLogReader(log.dir).size).toBe(5);
    await writer.close();
    const next = await log.open();
    await appendAll(next, numbered(5));
    const newest = await next.publish();
    answer.resolve();
    await expect(late).rejects.toMatchObject({ code: "CONFLICT" });
    await next.close();
    expect(await openLogReader(log.dir).checkpointText()).toBe(newest);
  });

  it("that fails or returns another checkpoint leaves the log's own one published", async () => {
    using log = diskLog();
    const writer = await log.open({ cosign: async () => Promise.reject(new Error("no witness answers")) });
    await appendAll(writer, numbered(5));
    await expect(writer.publish()).rejects.toThrowError("no witness answers");
    await writer.close();
    const old = await openLogReader(log.dir, { vkey: log.vkey }).checkpointText();
    const next = await log.open({ cosign: async () => old });
    await appendAll(next, numbered(5));
    await expect(next.publish()).rejects.toMatchObject({ code: "INTEGRITY" });
    await next.close();
    expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true, checkpoint: { size: 10 } });
  });
});
