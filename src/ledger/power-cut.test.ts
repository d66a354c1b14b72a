import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { auditFiles } from "./audit.ts";
import { expectAllHeld, open, powerCuts, seeded, vkey } from "./testing/power-cuts.ts";
import { VolatileDisk } from "./testing/volatile-disk.ts";

describe("a power cut", () => {
  it("at any moment, again and again, loses nothing that was acknowledged", async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), powerCuts), { numRuns: 12 });
  });
});

describe("a journal cut at any byte", () => {
  it("opens with exactly the batches that are whole, and goes on", async () => {
    const disk = new VolatileDisk(() => 0);
    const writer = await open(disk);
    const path = "journal/0000000000000000.log";
    const ends: number[] = [];
    for (let batch = 0; batch < 5; batch++) {
      await Promise.all(Array.from({ length: batch + 1 }, (_, i) => writer.append(utf8(`${batch}.${i}`))));
      ends.push(disk.peek(path)!.length);
    }
    const image = Buffer.from(disk.peek(path)!);
    const head = Buffer.from(disk.peek("checkpoint")!);
    expect(ends).toHaveLength(5);
    for (let length = 0; length <= image.length; length++) {
      const cut = new VolatileDisk(() => 0);
      cut.poke("checkpoint", head);
      cut.poke(path, image.subarray(0, length));
      const again = await open(cut);
      const whole = ends.filter((end) => end <= length).length;
      expect(again.size, `cut at ${length}`).toBe((whole * (whole + 1)) / 2);
      await again.append(utf8("next"));
      await again.close();
      expect(await auditFiles(cut.mount(), vkey)).toMatchObject({ ok: true });
    }
    await writer.close();
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
