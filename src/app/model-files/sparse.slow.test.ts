import { createHash } from "node:crypto";
import { mkdtempSync, openSync, closeSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileHasher } from "./hash-file.ts";

test("a sparse file of 10 GB is hashed in constant memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "castellan-sparse-"));
  try {
    const location = join(folder, "weights.bin");
    const size = 10_000_000_000;
    writeFileSync(location, "");
    truncateSync(location, size);
    const fd = openSync(location, "r+");
    writeSync(fd, "end", size - 3);
    closeSync(fd);

    const before = process.memoryUsage().rss;
    let peak = before;
    const breathe = async (): Promise<void> => {
      peak = Math.max(peak, process.memoryUsage().rss);
    };
    const hash = fileHasher({ hashType: "sha256", followSymlinks: false, shardSize: 1_000_000_000, breathe });
    const { ranges } = await hash({ path: "weights.bin", location });
    expect(ranges).toHaveLength(10);
    expect(ranges[1]!.digest).toBe(ranges[0]!.digest);
    const zeros = Buffer.alloc(1_000_000);
    const state = createHash("sha256");
    for (let i = 0; i < 999; i++) state.update(zeros);
    state.update(Buffer.concat([zeros.subarray(3), Buffer.from("end")]));
    expect(ranges[9]!.digest).toBe(state.digest("hex"));
    expect(peak - before).toBeLessThan(64 * 1024 * 1024);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
