import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { auditCrashLog, crashAndCheck, crashHome } from "./testing/crash.ts";

it("loses nothing acknowledged and leaves nothing half done when its process is killed, two hundred times", async () => {
  const dir = await crashHome();
  const report = await crashAndCheck(dir, 200, 20, Math.random);
  expect(report.faults).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(200);
  expect(report.amidst).toBeGreaterThan(100);
  const audit = await auditCrashLog(dir);
  expect(audit.defects).toEqual([]);
  expect(audit.checkpoint?.size).toBeGreaterThan(report.acknowledged);
  // Only now: a home that shows a fault stays for examination.
  await rm(dir, { recursive: true, force: true });
});
