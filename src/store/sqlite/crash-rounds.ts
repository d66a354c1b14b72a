import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { openSqliteRepository } from "./open.ts";

const writer = join(import.meta.dirname, "../fixtures/durable-writer.ts");

/** Runs the writer until it has printed something and `ms` have passed, then kills it. Returns the numbers it printed. */
async function writeUntilKilled(path: string, ms: number): Promise<number[]> {
  const child = spawn(process.execPath, [writer, path], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let printed = "";
  let begun = () => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    begun();
  });
  await Promise.race([started, ended]);
  await sleep(ms);
  child.kill("SIGKILL");
  await ended;
  // A line without its end was cut off by the kill.
  return printed.split("\n").slice(0, -1).map(Number);
}

/**
 * Kills a writing process `rounds` times at random moments and checks after each that whatever it acknowledged is in
 * the store, whole and in order.
 */
export async function crashRounds(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "castellan-store-"));
  const path = join(folder, "store.db");
  try {
    for (let round = 0; round < rounds; round++) {
      const printed = await writeUntilKilled(path, Math.random() * 60);
      expect(printed.length).toBeGreaterThan(0);
      const repository = await openSqliteRepository({ path, clock: Date });
      const last = Number(await repository.fact("last"));
      expect(last).toBeGreaterThanOrEqual(printed.at(-1)!);
      // At most the one transaction whose acknowledgement the kill cut off is beyond what was printed.
      expect(last).toBeLessThanOrEqual(printed.at(-1)! + 1);
      expect((await repository.tenants()).length).toBe(last + 1);
      for (const n of printed) expect(await repository.fact(`number-${n}`)).toBe(String(n));
      await repository.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
