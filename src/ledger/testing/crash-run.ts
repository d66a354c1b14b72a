import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "../../kit/errors.ts";
import { auditLog } from "../audit.ts";
import { openLogReader } from "../reader.ts";
import type { DiskLog } from "./disk-log.ts";

const child = fileURLToPath(new URL("append-child.ts", import.meta.url));

/** What {@link crashRun} found. */
export interface CrashReport {
  readonly kills: number;
  /** Entries some process was told are on the log. */
  readonly acknowledged: number;
  /** Acknowledged entries that were not found at their index afterwards, and audits that failed. */
  readonly losses: readonly string[];
}

/**
 * Kills an appending process `kills` times with SIGKILL, each time up to `upToMs` after it opened the log or, every fourth
 * time, while it starts. After each, opens the log and looks for everything acknowledged in that life; audits now and then.
 */
export async function crashRun(log: DiskLog, kills: number, upToMs: number): Promise<CrashReport> {
  const losses: string[] = [];
  const unseen = new Map<number, string>();
  let acknowledged = 0;
  for (let life = 1; life <= kills; life++) {
    for (const [index, text] of await oneLife(log, life, upToMs)) {
      if (unseen.has(index)) losses.push(`life ${life}: index ${index} was given twice`);
      unseen.set(index, text);
      acknowledged += 1;
    }
    // Half of the time the next process recovers from more than one death.
    if (life % 2 === 0 && life !== kills) continue;
    await (await log.open({ lockTimeoutMs: 5000 })).close();
    const reader = openLogReader(log.dir, { vkey: log.vkey });
    for (const [index, text] of unseen) {
      const found = index < reader.size ? Buffer.from(await reader.entry(index)).toString() : undefined;
      if (found !== text) losses.push(`life ${life}: entry ${index} is ${found?.slice(0, 20) ?? "missing"}`);
    }
    unseen.clear();
    if (life % 20 !== 1 && life !== kills) continue;
    const audit = await auditLog(log.dir, log.vkey);
    if (!audit.ok) losses.push(`life ${life}: ${JSON.stringify(audit.defects)}`);
  }
  return { kills, acknowledged, losses };
}

/** Starts a process, kills it, and gives what it had been told. */
async function oneLife(log: DiskLog, life: number, upToMs: number): Promise<ReadonlyMap<number, string>> {
  const process_ = spawn(process.execPath, [child, log.dir, log.origin, log.key, String(life)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const parts: Buffer[] = [];
  const ready = Promise.withResolvers<void>();
  process_.stdout.on("data", (part: Buffer) => {
    parts.push(part);
    ready.resolve();
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    process_.on("close", (_code, signal) => {
      ready.resolve();
      resolve(signal);
    }),
  );
  // While it starts and recovers, or while it works.
  if (life % 4 === 0) await Promise.race([ready.promise, sleep(100 + Math.random() * 200)]);
  else await ready.promise;
  await sleep(Math.random() * upToMs);
  process_.kill("SIGKILL");
  const signal = await ended;
  if (signal !== "SIGKILL") fail("INTERNAL", "the appending process ended by itself");
  const lines = Buffer.concat(parts).toString().split("\n").slice(0, -1);
  return new Map(
    lines
      .filter((line) => line !== "ready")
      .map((line) => [Number(line.slice(0, line.indexOf(" "))), line.slice(line.indexOf(" ") + 1)]),
  );
}
