import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { diskLog } from "./testing/disk-log.ts";

it("a second writer in the same process is refused, naming the first", async () => {
  using log = diskLog();
  const writer = await log.open();
  const refusal = await log.open({ lockTimeoutMs: 50 }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "BUSY", message: expect.stringContaining(`process ${process.pid}`) });
  await writer.close();
  await (await log.open()).close();
});

it("a writer waits for the other to finish, up to its time limit", async () => {
  using log = diskLog();
  const writer = await log.open();
  const waiting = log.open({ lockTimeoutMs: 10_000 });
  await sleep(60);
  await writer.append(utf8("first"));
  await writer.close();
  const next = await waiting;
  expect(next.size).toBe(1);
  await next.close();
});

it("many writers that open the log at once take turns", async () => {
  using log = diskLog();
  const turns = Array.from({ length: 6 }, async (_, i) => {
    const writer = await log.open({ lockTimeoutMs: 30_000 });
    const { index } = await writer.append(utf8(`turn ${i}`));
    await writer.close();
    return index;
  });
  expect((await Promise.all(turns)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
});

it("another process's lock is respected, and gone when that process is killed", async () => {
  using log = diskLog();
  const script = fileURLToPath(new URL("testing/append-child.ts", import.meta.url));
  const child = spawn(process.execPath, [script, log.dir, log.origin, log.key, "1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.stdout.resume();
  const refusal = await log.open().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "BUSY", message: expect.stringContaining(`process ${child.pid}`) });
  child.kill("SIGKILL");
  await once(child, "close");
  await (await log.open()).close();
});

it("a writer whose lock file was removed neither appends nor publishes any more, and closes saying so", async () => {
  using log = diskLog();
  const writer = await log.open();
  await writer.append(utf8("durable"));
  rmSync(join(log.dir, "lock.db"));
  await expect(writer.append(utf8("too late"))).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(writer.publish()).rejects.toMatchObject({ code: "CONFLICT" });
  await expect(writer.close()).rejects.toMatchObject({ code: "CONFLICT" });
  const next = await log.open();
  expect(next.size).toBe(1);
  await next.close();
});
