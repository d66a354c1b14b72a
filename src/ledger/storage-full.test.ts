import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { auditLog } from "./audit.ts";
import { openLogReader } from "./reader.ts";
import { collect, diskLog } from "./testing/disk-log.ts";

/** A file system of six megabytes, or undefined where this user may not mount one. */
function smallDisk(): (Disposable & { readonly dir: string }) | undefined {
  const dir = mkdtempSync(join(tmpdir(), "castellan-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", dir], { stdio: "ignore" });
  } catch {
    rmSync(dir, { recursive: true });
    return undefined;
  }
  return {
    dir,
    [Symbol.dispose]() {
      execFileSync("umount", ["--lazy", dir]);
      rmSync(dir, { recursive: true });
    },
  };
}

it("on a real disk that fills up, appends are refused, nothing is lost, and appends go on when there is space", async () => {
  using disk = smallDisk();
  if (!disk) {
    console.log("not run: no permission to mount a small tmpfs (a simulated full disk is tested in power-cut.test.ts)");
    return;
  }
  using log = diskLog();
  const dir = join(disk.dir, "log");
  mkdirSync(dir);
  const ballast = join(disk.dir, "ballast");
  writeFileSync(ballast, Buffer.alloc(4_200_000));
  const acknowledged = new Map<number, string>();
  const writer = await log.open({ dir });
  const refusals: unknown[] = [];
  const add = async (text: string) => {
    try {
      acknowledged.set((await writer.append(Buffer.from(text))).index, text);
    } catch (error) {
      refusals.push(error);
    }
  };
  for (let burst = 0; refusals.length === 0 && burst < 400; burst++)
    await Promise.all(Array.from({ length: 10 }, (_, i) => add(`${burst}.${i} ${"f".repeat(1500)}`)));
  expect(refusals[0]).toMatchObject({ code: "STORAGE_FULL" });
  await expect(writer.publish()).rejects.toMatchObject({ code: "STORAGE_FULL" });
  expect(writer.size).toBe(acknowledged.size);

  rmSync(ballast);
  const refused = refusals.length;
  for (let i = 0; i < 20; i++) await add(`after ${i}`);
  expect(refusals).toHaveLength(refused);
  await writer.publish();
  await writer.close();
  expect(await auditLog(dir, log.vkey)).toMatchObject({ ok: true, checkpoint: { size: acknowledged.size } });
  const entries = await collect(openLogReader(dir).entries());
  for (const [index, text] of acknowledged) expect(entries[index]!.toString()).toBe(text);
});

it("a log that cannot be opened for lack of space opens when there is some, with everything acknowledged", async () => {
  using disk = smallDisk();
  if (!disk) {
    console.log("not run: no permission to mount a small tmpfs");
    return;
  }
  using log = diskLog();
  const dir = join(disk.dir, "log");
  const writer = await log.open({ dir });
  const texts = Array.from({ length: 100 }, (_, i) => `${i} ${"g".repeat(1000)}`);
  await Promise.all(texts.map((text) => writer.append(Buffer.from(text))));
  const ballast = join(disk.dir, "ballast");
  let room = 7_000_000;
  for (;;) {
    try {
      writeFileSync(ballast, Buffer.alloc(room));
      break;
    } catch {
      room -= 4096;
    }
  }
  await expect(writer.close()).rejects.toMatchObject({ code: "STORAGE_FULL" });
  await expect(log.open({ dir })).rejects.toMatchObject({ code: "STORAGE_FULL" });
  rmSync(ballast);
  const again = await log.open({ dir });
  expect(again.size).toBe(100);
  await again.close();
  expect((await collect(openLogReader(dir).entries())).map(String)).toEqual(texts);
});
