import { expect } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { auditFiles } from "../audit.ts";
import { readCheckpoint } from "../high-water.ts";
import type { WriterLock } from "../lock.ts";
import { vkeyOf } from "../note.ts";
import { logReader } from "../reader.ts";
import { type LogWriter, startLogWriter } from "../writer.ts";
import { collect } from "./disk-log.ts";
import { freshSigner } from "./signers.ts";
import { PowerCut, VolatileDisk } from "./volatile-disk.ts";

const origin = "example.com/power";
const signer = freshSigner();
/** Key of the logs that {@link open} opens. */
export const vkey = vkeyOf(origin, signer.publicKey);
const lock: WriterLock = { check: () => undefined, release: () => undefined };

/** Opens the log on `disk`; the lock is left out, there is one process only. */
export const open = (disk: VolatileDisk): Promise<LogWriter> => startLogWriter(disk.mount(), lock, { origin, signer });

/** Pseudo-random numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
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

/** Audits the log and looks for everything that was acknowledged. */
export async function expectAllHeld(disk: VolatileDisk, acknowledged: ReadonlyMap<number, string>): Promise<void> {
  const files = disk.mount();
  expect(await auditFiles(files, vkey)).toMatchObject({ ok: true, defects: [] });
  const { note } = (await readCheckpoint(files, vkey))!;
  const entries = await collect(logReader(files, Buffer.from(note), "disk", vkey).entries());
  for (const [index, text] of acknowledged) expect(entries[index]?.toString()).toBe(text);
}

/** Lets the power fail some ten times in the life of a log; everything follows from `seed`. */
export async function powerCuts(seed: number): Promise<void> {
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
}
