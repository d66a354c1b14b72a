import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chainStart, followChain } from "./record-chain.ts";
import { openRecord, type RecordOptions } from "./record.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "castellan-record-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const clock = { now: () => Date.UTC(2026, 0, 1) };
const open = (more: Partial<RecordOptions> = {}) => openRecord({ dir, clock, gatherMs: 1, ...more });
const segments = async () => (await readdir(dir)).filter((name) => name.endsWith(".record")).sort();

/** All lines of all segments, with the chain checked across them. */
async function readAll(): Promise<unknown[]> {
  let chain = chainStart;
  const lines: unknown[] = [];
  for (const name of await segments()) {
    const bytes = await readFile(join(dir, name));
    expect(name.split(".")[1]).toBe(chain);
    const sound = followChain(bytes, chain);
    expect(sound.soundBytes).toBe(bytes.length);
    chain = sound.hash;
    for (const line of bytes.toString().trimEnd().split("\n")) if (line) lines.push(JSON.parse(line.slice(0, -65)));
  }
  return lines;
}

describe("the request record", () => {
  test("keeps lines in order, chained, over restarts and segments", async () => {
    let n = 0;
    for (let run = 0; run < 3; run++) {
      const record = await open({ segmentBytes: 1000 });
      for (let batch = 0; batch < 5; batch++)
        await Promise.all(Array.from({ length: 7 }, () => record.append(JSON.stringify({ n: n++ }))));
      await record.close();
    }
    expect(await readAll()).toEqual(Array.from({ length: n }, (_, index) => ({ n: index })));
    expect((await segments()).length).toBeGreaterThan(3);
  });

  test("an acknowledged line is on disk", async () => {
    const record = await open();
    await record.append('{"n":1}');
    expect(await readAll()).toEqual([{ n: 1 }]);
    await record.close();
  });

  test("a tail torn at any byte is moved aside and put on record; nothing acknowledged is lost", async () => {
    const record = await open();
    await record.append('{"n":1}');
    await record.append('{"n":2}');
    await record.close();
    const [name = ""] = await segments();
    const whole = await readFile(join(dir, name));
    const first = whole.indexOf(10) + 1;
    for (const length of [first + 1, first + 20, whole.length - 1]) {
      await writeFile(join(dir, name), whole);
      await truncate(join(dir, name), length);
      await (await open()).close();
      expect(await readAll()).toEqual([
        { n: 1 },
        expect.objectContaining({ event: "recovered", tornBytes: length - first }),
      ]);
    }
    expect((await readdir(dir)).some((file) => file.endsWith(".torn"))).toBe(true);
  });

  test("zeros or garbage behind the last line count as torn", async () => {
    const record = await open();
    await record.append('{"n":1}');
    await record.close();
    await appendFile(join(dir, (await segments())[0]!), Buffer.alloc(4096));
    await (await open()).close();
    expect(await readAll()).toEqual([{ n: 1 }, expect.objectContaining({ tornBytes: 4096 })]);
  });

  test("a changed line breaks the chain from there on, visibly", async () => {
    const record = await open();
    for (let n = 0; n < 5; n++) await record.append(JSON.stringify({ n }));
    await record.close();
    const path = join(dir, (await segments())[0]!);
    const bytes = await readFile(path);
    bytes[bytes.indexOf('"n":2') + 4] = 57;
    await writeFile(path, bytes);
    expect(followChain(bytes, chainStart).lines).toBe(2);
    await (await open()).close();
    expect((await readAll()).at(-1)).toMatchObject({ event: "recovered" });
  });

  test("after it is closed nothing is taken any more", async () => {
    const record = await open();
    await record.close();
    await expect(record.append("{}")).rejects.toThrow(expect.objectContaining({ code: "IO" }));
  });
});
