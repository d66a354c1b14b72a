import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { Journal, replayJournal } from "./journal.ts";
import { chainOf, encodeBatch, readSegment, segmentHead, segmentHeadLength } from "./journal-format.ts";
import { numbered } from "./testing/disk-log.ts";
import { VolatileDisk } from "./testing/volatile-disk.ts";
import { encodeEntry } from "./tile.ts";

const origin = "example.com/journal";

/** A segment of these batches, and where each ends. */
function segmentOf(first: number, batches: readonly (readonly Uint8Array[])[]) {
  const parts = [segmentHead(origin, first)];
  const ends = [segmentHeadLength];
  let chain = chainOf(parts[0]!);
  let next = first;
  for (const batch of batches) {
    const bytes = encodeBatch(chain, next, batch.map(encodeEntry));
    parts.push(bytes);
    ends.push(ends.at(-1)! + bytes.length);
    chain = chainOf(bytes);
    next += batch.length;
  }
  return { bytes: concat(...parts), ends };
}

const batches = [
  numbered(3),
  numbered(1, 3),
  [...numbered(2, 4), new Uint8Array(0), new Uint8Array(700).fill(1)],
  numbered(4, 8),
];
const all = batches.flat();
const { bytes, ends } = segmentOf(7, batches);
const read = (from: Uint8Array, last = true) => readSegment(from, origin, 7, last, "segment");
const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]) =>
  a.length === b.length && a.every((one, i) => Buffer.compare(one, b[i]!) === 0);

describe("a journal segment", () => {
  it("reads back what was written", () => {
    expect(same(read(bytes), all)).toBe(true);
    expect(same(read(bytes, false), all)).toBe(true);
  });

  it("cut at any byte holds exactly the batches that are whole; if it is not the last one it is damaged", () => {
    for (let length = 0; length < bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length - 1;
      const cut = bytes.subarray(0, length);
      expect(same(read(cut), batches.slice(0, Math.max(0, whole)).flat())).toBe(true);
      if (ends.includes(length)) expect(read(cut, false)).toHaveLength(batches.slice(0, whole).flat().length);
      else expect(() => read(cut, false)).toThrowError(expect.objectContaining({ code: "INTEGRITY" }));
    }
  });

  it("with any bit flipped is refused, never read as something else", () => {
    for (let at = 0; at < bytes.length; at++) {
      const spoilt = Buffer.from(bytes);
      spoilt[at]! ^= 1 << (at % 8);
      for (const last of [true, false])
        expect(() => read(spoilt, last), `byte ${at}`).toThrowError(expect.objectContaining({ code: "INTEGRITY" }));
    }
  });

  it("with batches dropped, repeated or swapped is refused", () => {
    const parts = ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
    const orders = [
      [0, 2, 3, 4],
      [0, 1, 1, 2, 3, 4],
      [0, 2, 1, 3, 4],
      [1, 2, 3, 4],
      [0, 0, 1, 2, 3, 4],
    ];
    for (const order of orders)
      expect(() => read(concat(...order.map((i) => parts[i]!)))).toThrowError(/journal is damaged/);
    const foreign = segmentOf(7, [numbered(3, 90), ...batches.slice(1)]);
    const spliced = concat(bytes.subarray(0, ends[1]), foreign.bytes.subarray(foreign.ends[1]));
    expect(() => read(spliced)).toThrowError(/does not have its digest/);
  });

  it("of another log or place is refused", () => {
    expect(() => readSegment(bytes, "example.com/other", 7, true, "s")).toThrowError(/does not belong to this log/);
    expect(() => readSegment(bytes, origin, 8, true, "s")).toThrowError(/does not belong to this log/);
  });

  it("whose last write lost sectors in a power cut holds what was whole before", () => {
    const big = segmentOf(7, [...batches, [new Uint8Array(3000).fill(5)]]);
    const start = ends.at(-1)!;
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), fc.nat(200), (kept, trailing) => {
        const left = Buffer.concat([big.bytes, Buffer.alloc(trailing)]);
        for (let at = start - (start % 512), i = 0; at < big.bytes.length; at += 512, i++)
          if (!kept[i]) left.fill(0, Math.max(at, start), Math.min(at + 512, left.length));
        const found = read(left);
        expect(same(found, all) || same(found, [...all, new Uint8Array(3000).fill(5)])).toBe(true);
      }),
    );
  });
});

describe("the journal", () => {
  const framed = (entries: readonly Uint8Array[]) => entries.map(encodeEntry);
  const disk = () => new VolatileDisk(() => 0.5);

  it("replays what was appended, over segments, from where the tiles end", async () => {
    const store = disk();
    const journal = new Journal(store.mount(), origin);
    const big = Array.from({ length: 40 }, (_, i) => new Uint8Array(60_000).fill(i));
    for (let at = 0; at < 400; at += 40) await journal.append(at, framed(big));
    expect(store.paths().length).toBe(2);
    const replayed = await replayJournal(store.mount(), origin, 0);
    expect(replayed).toMatchObject({ first: 0, paths: store.paths() });
    expect(replayed!.entries).toHaveLength(400);
    await journal.dropBelow(279);
    expect(store.paths().length).toBe(2);
    await journal.dropBelow(280);
    expect(store.paths()).toEqual(["journal/0000000000000280.log"]);
    await journal.append(400, framed(big));
    await journal.close(false);
    expect((await replayJournal(store.mount(), origin, 280))!.entries).toHaveLength(160);
    expect((await replayJournal(store.mount(), origin, 440))!.first).toBe(280);
  });

  it("finds gaps and files that do not belong, but not leftovers below the tiles", async () => {
    const store = disk();
    const segment = (first: number, count: number) => segmentOf(first, [numbered(count, first)]).bytes;
    store.poke("journal/0000000000000000.log", segment(0, 5));
    store.poke("journal/0000000000000010.log", segment(10, 5));
    await expect(replayJournal(store.mount(), origin, 0)).rejects.toThrowError(/gap: entry 5 should follow, but 10/);
    expect(await replayJournal(store.mount(), origin, 10)).toMatchObject({ first: 10 });
    store.poke("journal/notes.txt", utf8("?"));
    await expect(replayJournal(store.mount(), origin, 10)).rejects.toThrowError(/does not belong into the journal/);
  });

  it("refuses entries when the disk is full, and takes them when it is not any more", async () => {
    const store = disk();
    const journal = new Journal(store.mount(), origin);
    await journal.append(0, framed(numbered(10)));
    store.capacity = 1000;
    await expect(journal.append(10, framed([new Uint8Array(5000)]))).rejects.toMatchObject({ code: "STORAGE_FULL" });
    store.capacity = 10_000;
    await journal.append(10, framed([utf8("after all")]));
    const replayed = await replayJournal(store.mount(), origin, 0);
    expect(replayed!.entries.map((one) => Buffer.from(one).toString()).at(-1)).toBe("after all");
    expect(replayed!.entries).toHaveLength(11);
  });

  it("trusts nothing after a sync that failed for another reason than space", async () => {
    const files = disk().mount();
    let sick = false;
    const journal = new Journal(
      {
        ...files,
        create: async (path) => {
          const file = await files.create(path);
          const sync = async () => (sick ? Promise.reject(new Error("EIO")) : file.sync());
          return { ...file, sync };
        },
      },
      origin,
    );
    await journal.append(0, framed(numbered(1)));
    sick = true;
    await expect(journal.append(1, framed(numbered(1)))).rejects.toThrowError("EIO");
    sick = false;
    const error = await journal.append(1, framed(numbered(1))).catch((reason: unknown) => reason);
    expect(isCastellanError(error, "IO")).toBe(true);
  });
});
