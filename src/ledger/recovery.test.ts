import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { jsonObject } from "../kit/json.ts";
import { auditLog } from "./audit.ts";
import { openLogReader } from "./reader.ts";
import { appendAll, collect, type DiskLog, diskLog, numbered } from "./testing/disk-log.ts";

/** A log of 600 entries in tiles and 20 more that are only in the journal, as a killed writer leaves it. */
async function interruptedLog(log: DiskLog): Promise<void> {
  const writer = await log.open();
  await appendAll(writer, numbered(600));
  await writer.publish();
  await appendAll(writer, numbered(20, 600));
  // Copied while the writer lives: what it does from here on did not happen. lock.db must not be touched by this process.
  for (const name of ["checkpoint", "state.json", "tile", "journal"])
    cpSync(join(log.dir, name), join(log.dir, "kept", name), { recursive: true });
  await writer.close();
  for (const name of ["checkpoint", "state.json", "tile", "journal"]) {
    rmSync(join(log.dir, name), { recursive: true });
    renameSync(join(log.dir, "kept", name), join(log.dir, name));
  }
  rmSync(join(log.dir, "kept"), { recursive: true });
}

function spoil(log: DiskLog, path: string, change: (bytes: Buffer) => Uint8Array): void {
  const file = join(log.dir, path);
  writeFileSync(file, change(readFileSync(file)));
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10;
  return bytes;
};
const journalOf = (log: DiskLog) => `journal/${readdirSync(join(log.dir, "journal"))[0]!}`;

async function expectWhole(log: DiskLog, size: number): Promise<void> {
  const writer = await log.open();
  expect(writer.size).toBe(size);
  await writer.close();
  expect(await auditLog(log.dir, log.vkey)).toMatchObject({ ok: true, defects: [], checkpoint: { size } });
  const entries = await collect(openLogReader(log.dir).entries());
  expect(entries).toEqual(numbered(size).map((entry) => Buffer.from(entry)));
}

describe("opening a log after its writer died", () => {
  it("takes what is only in the journal into the tiles", async () => {
    using log = diskLog();
    await interruptedLog(log);
    expect(openLogReader(log.dir).size).toBe(600);
    await expectWhole(log, 620);
  });

  it("cuts a torn tail of the journal", async () => {
    using log = diskLog();
    await interruptedLog(log);
    spoil(log, journalOf(log), (bytes) => Buffer.concat([bytes, Buffer.from("BTCH half a batch")]));
    await expectWhole(log, 620);
  });

  it("overwrites tiles that were being written", async () => {
    using log = diskLog();
    await interruptedLog(log);
    writeFileSync(join(log.dir, "tile/0/002.p/108"), "half a tile");
    writeFileSync(join(log.dir, "tile/entries/002.p/108"), "half a bundle");
    writeFileSync(join(log.dir, "tmp/7"), "rubbish");
    await expectWhole(log, 620);
    expect(readdirSync(join(log.dir, "tmp"))).toEqual([]);
  });

  it("goes on when the checkpoint is newer than the remembered one", async () => {
    using log = diskLog();
    await (await log.open()).close();
    const remembered = readFileSync(join(log.dir, "state.json"));
    await interruptedLog(log);
    writeFileSync(join(log.dir, "state.json"), remembered);
    await expectWhole(log, 620);
    rmSync(join(log.dir, "state.json"));
    await expectWhole(log, 620);
  });
});

describe("opening a log whose files were tampered with", () => {
  const cases: [string, (log: DiskLog) => void, string, RegExp][] = [
    [
      "the checkpoint's size changed",
      (log) => spoil(log, "checkpoint", (b) => utf8(b.toString().replace("600", "601"))),
      "SIGNATURE",
      /does not verify/,
    ],
    ["the checkpoint cut", (log) => truncateSync(join(log.dir, "checkpoint"), 40), "INTEGRITY", /damaged/],
    ["the checkpoint empty", (log) => truncateSync(join(log.dir, "checkpoint"), 0), "INTEGRITY", /damaged/],
    ["the checkpoint gone", (log) => rmSync(join(log.dir, "checkpoint")), "INTEGRITY", /no checkpoint/],
    [
      "the checkpoint a folder",
      (log) => {
        rmSync(join(log.dir, "checkpoint"));
        cpSync(join(log.dir, "tile"), join(log.dir, "checkpoint"), { recursive: true });
      },
      "INTEGRITY",
      /plain file/,
    ],
    [
      "the remembered checkpoint changed",
      (log) => spoil(log, "state.json", (b) => utf8(b.toString().replace("600", "599"))),
      "SIGNATURE",
      /does not verify/,
    ],
    ["the remembered checkpoint cut", (log) => truncateSync(join(log.dir, "state.json"), 20), "INTEGRITY", /damaged/],
    [
      "the state of a newer program",
      (log) => spoil(log, "state.json", (b) => utf8(b.toString().replace('"v":1', '"v":2'))),
      "UNSUPPORTED",
      /format 2/,
    ],
    [
      "a byte of a partial tile flipped",
      (log) => spoil(log, "tile/0/002.p/88", flip(5)),
      "INTEGRITY",
      /hashes in their tile/,
    ],
    ["a byte of the upper tile flipped", (log) => spoil(log, "tile/1/000.p/2", flip(5)), "INTEGRITY", /root hash/],
    [
      "a byte of the partial bundle flipped",
      (log) => spoil(log, "tile/entries/002.p/88", flip(9)),
      "INTEGRITY",
      /hashes in their tile/,
    ],
    [
      "a partial tile cut",
      (log) => truncateSync(join(log.dir, "tile/0/002.p/88"), 88 * 32 - 1),
      "INTEGRITY",
      /2815 bytes instead of 2816/,
    ],
    [
      "a partial tile grown",
      (log) => spoil(log, "tile/0/002.p/88", (b) => Buffer.concat([b, Buffer.alloc(32)])),
      "INTEGRITY",
      /2848 bytes instead/,
    ],
    [
      "a tile of 10 GB",
      (log) => truncateSync(join(log.dir, "tile/1/000.p/2"), 10_000_000_000),
      "INTEGRITY",
      /more than the 8192/,
    ],
    ["a partial tile gone", (log) => rmSync(join(log.dir, "tile/1/000.p/2")), "INTEGRITY", /missing/],
    [
      "the first byte of the journal flipped",
      (log) => spoil(log, journalOf(log), flip(0)),
      "INTEGRITY",
      /journal is damaged/,
    ],
    [
      "a byte inside the journal flipped",
      (log) => spoil(log, journalOf(log), flip(300)),
      "INTEGRITY",
      /journal is damaged/,
    ],
    [
      "the last byte of the journal flipped",
      (log) => spoil(log, journalOf(log), flip(-1)),
      "INTEGRITY",
      /journal is damaged/,
    ],
    [
      "a foreign file in the journal",
      (log) => writeFileSync(join(log.dir, "journal/x"), ""),
      "INTEGRITY",
      /does not belong/,
    ],
  ];
  it.each(cases)("refuses %s", async (_, tamper, code, message) => {
    using log = diskLog();
    await interruptedLog(log);
    tamper(log);
    await expect(log.open()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    // A refused open changes nothing and lets the lock go.
    await expect(log.open()).rejects.toMatchObject({ code });
  });

  it("refuses a checkpoint that is older than the last one signed", async () => {
    using log = diskLog();
    let writer = await log.open();
    await appendAll(writer, numbered(300));
    const old = await writer.publish();
    await appendAll(writer, numbered(300, 300));
    await writer.close();
    const [checkpoint, state] = ["checkpoint", "state.json"].map((name) => join(log.dir, name)) as [string, string];
    const newest = readFileSync(checkpoint);
    writeFileSync(checkpoint, old);
    await expect(log.open()).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringMatching(/rolled back/),
    });
    // Rolling both back is seen by the tiles that are further.
    writeFileSync(state, JSON.stringify({ v: 1, checkpoint: old }));
    await expect(log.open()).rejects.toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(/beyond/) });
    rmSync(state);
    await expect(log.open()).rejects.toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(/beyond/) });
    // The refusals did no harm.
    writeFileSync(checkpoint, newest);
    writer = await log.open();
    expect(writer.size).toBe(600);
    await writer.close();
  });

  it("refuses a log whose published checkpoint was replaced by that of a fork with the same key", async () => {
    using log = diskLog();
    using fork = diskLog();
    for (const [one, first] of [
      [log, 0],
      [fork, 1],
    ] as const) {
      const writer = await log.open({ dir: one.dir });
      await appendAll(writer, numbered(300, first));
      await writer.close();
    }
    cpSync(join(fork.dir, "checkpoint"), join(log.dir, "checkpoint"));
    await expect(log.open()).rejects.toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(/forked/) });
    // With the fork's tiles too, only what was signed before tells.
    cpSync(join(fork.dir, "tile"), join(log.dir, "tile"), { recursive: true });
    await expect(log.open()).rejects.toMatchObject({ code: "INTEGRITY", message: expect.stringMatching(/forked/) });
  });

  it("refuses a longer fork, and a journal that does not fit the tiles", async () => {
    using log = diskLog();
    using fork = diskLog();
    let writer = await log.open();
    await appendAll(writer, numbered(300));
    await writer.close();
    writer = await log.open({ dir: fork.dir });
    await appendAll(writer, numbered(400, 1));
    cpSync(join(fork.dir, "journal"), join(log.dir, "journal"), { recursive: true });
    await expect(log.open()).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringMatching(/is not the one in the tiles/),
    });
    await writer.close();
    rmSync(join(log.dir, "journal"), { recursive: true });
    cpSync(join(fork.dir, "checkpoint"), join(log.dir, "checkpoint"));
    cpSync(join(fork.dir, "tile"), join(log.dir, "tile"), { recursive: true });
    await expect(log.open()).rejects.toMatchObject({
      code: "INTEGRITY",
      message: expect.stringMatching(/first 300 entries/),
    });
  });

  it("refuses a journal that starts beyond the checkpoint", async () => {
    using log = diskLog();
    await interruptedLog(log);
    using other = diskLog();
    let writer = await log.open({ dir: other.dir });
    await appendAll(writer, numbered(700));
    await writer.close();
    writer = await log.open({ dir: other.dir });
    await appendAll(writer, numbered(3, 700));
    rmSync(join(log.dir, "journal"), { recursive: true });
    cpSync(join(other.dir, "journal"), join(log.dir, "journal"), { recursive: true });
    await writer.close();
    await expect(log.open()).rejects.toMatchObject({
      message: expect.stringMatching(/entries 600 to 699 are neither/),
    });
  });

  it("keeps the signed note of the largest checkpoint beside it", async () => {
    using log = diskLog();
    await interruptedLog(log);
    const state = jsonObject(JSON.parse(readFileSync(join(log.dir, "state.json"), "utf8")), "state");
    expect(state["checkpoint"]).toBe(readFileSync(join(log.dir, "checkpoint"), "utf8"));
    expect(existsSync(join(log.dir, "lock.db"))).toBe(true);
  });
});
