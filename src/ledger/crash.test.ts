import { expect, it } from "vitest";
import { crashRun } from "./testing/crash-run.ts";
import { diskLog } from "./testing/disk-log.ts";

it("a log whose writer is killed 15 times at random moments has lost nothing acknowledged", async () => {
  using log = diskLog();
  const report = await crashRun(log, 15, 60);
  expect(report.losses).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(15);
});
