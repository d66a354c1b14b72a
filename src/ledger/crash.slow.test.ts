import { expect, it } from "vitest";
import { crashRun } from "./testing/crash-run.ts";
import { diskLog } from "./testing/disk-log.ts";

it("a log whose writer is killed 250 times at random moments has lost nothing acknowledged", async () => {
  using log = diskLog();
  const report = await crashRun(log, 250, 300);
  console.log(`${report.kills} kills, ${report.acknowledged} acknowledged entries, ${report.losses.length} losses`);
  expect(report.losses).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(1000);
});
