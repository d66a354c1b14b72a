import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { auditFiles } from "./audit.ts";
import { readCheckpoint } from "./high-water.ts";
import type { WriterLock } from "./lock.ts";
import { vkeyOf } from "./note.ts";
import { logReader } from "./reader.ts";
import { collect } from "./testing/disk-log.ts";
import { freshSigner } from "./testing/signers.ts";
import { PowerCut, VolatileDisk } from "./testing/volatile-disk.ts";
import { startLogWriter } from "./writer.ts";

const origin = "example.com/power";
const signer = freshSigner();
const vkey = vkeyOf(origin, signer.publicKey);
const lock: WriterLock = { check: () => undefined, release: () => undefined };
const open = (disk: VolatileDisk) => startLogWriter(disk.mount(), lock, { origin, signer });

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Appends and publishes until the power fails; notes every acknowledgement. */
async function live(disk: VolatileDisk, random: () => number, acknowledged: Map<number, string>): Promise<void> {
  let name = acknowledged.size;
  try {
    const writer = await open(disk);
    for (let burst = 0; burst < 40; burst++) {
      const count = random() < 0.2 ? 280 : 1 + Math.floor(random() * 12);
      const appends = Array.from({ length: count }, async () => {
        const text = `${(name += 1)} ${"y".repeat(Math.floor(random() * 90))}`;
        const { index } = await writer.append(utf8(text));
        expect(acknowledged.has(index)).toBe(false);
        acknowledged.set(index, text);
      });
      const ends = await Promise.allSettled(appends);
      for (const end of ends) if (end.status === "rejected") throw end.reason;
      if (random() < 0.5) await writer.publish();
    }
    await writer.close();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
}

async function expectAllHeld(disk: VolatileDisk, acknowledged: ReadonlyMap<number, string>): Promise<void> {
  const files = disk.mount();
  expect(await auditFiles(files, vkey)).toMatchObject({ ok: true, defects: [] });
  const { note } = (await readCheckpoint(files, vkey))!;
  const entries = await collect(logReader(files, Buffer.from(note), "disk", vkey).entries());
  for (const [index, text] of acknowledged) expect(entries[index]?.toString()).toBe(text);
}

describe("a power cut", () => {
  it("at any moment, again and again, loses nothing that was acknowledged", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        const disk = new VolatileDisk(random);
        const acknowledged = new Map<number, string>();
        for (let life = 0; life < 6; life++) {
          disk.cutAfter(Math.floor(random() * 60));
          await live(disk, random, acknowledged);
          disk.restart();
          // Also while recovering.
          if (random() < 0.5) {
            disk.cutAfter(Math.floor(random() * 20));
            await live(disk, random, acknowledged);
            disk.restart();
          }
          const writer = await open(disk);
          expect(writer.size).toBeGreaterThanOrEqual(acknowledged.size);
          await writer.close();
          await expectAllHeld(disk, acknowledged);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a full disk", () => {
  it("refuses appends, loses nothing, and the log goes on when there is space again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        const disk = new VolatileDisk(random);
        const acknowledged = new Map<number, string>();
        let writer = await open(disk);
        let refused = 0;
        for (let burst = 0; burst < 30; burst++) {
          disk.capacity = random() < 0.4 ? 2000 + random() * 60_000 : Number.POSITIVE_INFINITY;
          const texts = Array.from(
            { length: 1 + Math.floor(random() * 40) },
            (_, i) => `${burst}.${i} ${"z".repeat(400)}`,
          );
          const ends = await Promise.allSettled(texts.map((text) => writer.append(utf8(text))));
          for (const [i, end] of ends.entries())
            if (end.status === "fulfilled") acknowledged.set(end.value.index, texts[i]!);
            else if (isCastellanError(end.reason, "STORAGE_FULL")) refused += 1;
            else throw end.reason;
          if (random() < 0.3)
            await writer.publish().catch((error: unknown) => expect(error).toMatchObject({ code: "STORAGE_FULL" }));
          if (random() < 0.1) {
            await writer.close().catch((error: unknown) => expect(error).toMatchObject({ code: "STORAGE_FULL" }));
            disk.capacity = Number.POSITIVE_INFINITY;
            writer = await open(disk);
          }
        }
        disk.capacity = Number.POSITIVE_INFINITY;
        await writer.append(utf8("space again"));
        expect(writer.size).toBe(acknowledged.size + 1);
        await writer.close();
        await expectAllHeld(disk, acknowledged);
        return refused >= 0;
      }),
      { numRuns: 25 },
    );
  });
});
