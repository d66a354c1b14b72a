import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "../../core/ports.ts";
import { diskBlobs } from "./disk.ts";
import { s3Blobs } from "./s3.ts";
import { startS3Server } from "./s3-server.fixture.ts";

interface Opened {
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

async function openDisk(): Promise<Opened> {
  const dir = await mkdtemp(join(tmpdir(), "castellan-blobs-"));
  return { blobs: diskBlobs(join(dir, "not", "yet", "there")), close: () => rm(dir, { recursive: true }) };
}

async function openS3(): Promise<Opened> {
  const server = await startS3Server();
  const blobs = s3Blobs({
    endpoint: server.endpoint,
    bucket: server.bucket,
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    prefix: "castellan/main",
    backoffMs: 1,
  });
  return { blobs, close: () => server.close() };
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

async function keysOf(blobs: BlobStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of blobs.list()) keys.push(key);
  return keys.sort();
}

const part = 8 * 1024 * 1024;

describe.each([
  ["on disk", openDisk],
  ["in an S3 bucket", openS3],
] as const)("a blob store %s", (_, open) => {
  let opened: Opened;
  let blobs: BlobStore;
  beforeAll(async () => {
    opened = await open();
    blobs = opened.blobs;
  });
  afterAll(() => opened.close());

  it("is empty at first", async () => {
    expect(await keysOf(blobs)).toEqual([]);
    expect(await blobs.has("0a")).toBe(false);
    await blobs.delete("0a");
  });

  it.each([0, 1, 65_536, 1_048_577, part, part + 1, 2 * part, 2 * part + 7])(
    "gives back %i bytes, whatever pieces they came in",
    async (length) => {
      const bytes = randomBytes(length);
      expect(await blobs.write(`sizes/${length}`, inPieces(bytes, 999_983))).toBe(length);
      expect(await blobs.has(`sizes/${length}`)).toBe(true);
      expect((await collect(blobs.read(`sizes/${length}`))).equals(bytes)).toBe(true);
      await blobs.delete(`sizes/${length}`);
      expect(await blobs.has(`sizes/${length}`)).toBe(false);
    },
  );

  it("gathers tiny pieces, even when their array is reused", async () => {
    const shared = Buffer.alloc(16);
    const source = (async function* () {
      for (let n = 0; n < 5000; n++) {
        shared.fill(n & 255);
        yield shared;
      }
    })();
    expect(await blobs.write("tiny", source)).toBe(80_000);
    const back = await collect(blobs.read("tiny"));
    expect(back.every((byte, at) => byte === ((at >>> 4) & 255))).toBe(true);
    await blobs.delete("tiny");
  });

  it("lists every key, and a key may begin with another", async () => {
    const keys = ["a", "a/b", "a/b/c", "a-b", "a_b", "0", "z9/0a1b", `long/${"x".repeat(196)}`];
    for (const key of keys) await blobs.write(key, inPieces(Buffer.from(key), 3));
    expect(await keysOf(blobs)).toEqual([...keys].sort());
    for (const key of keys) expect((await collect(blobs.read(key))).toString()).toBe(key);
    await blobs.delete("a/b");
    expect(await blobs.has("a")).toBe(true);
    expect(await blobs.has("a/b/c")).toBe(true);
    for (const key of keys) await blobs.delete(key);
    expect(await keysOf(blobs)).toEqual([]);
  });

  it("replaces a blob as a whole", async () => {
    await blobs.write("same", inPieces(Buffer.from("the first, longer one"), 4));
    await blobs.write("same", inPieces(Buffer.from("the second"), 4));
    expect((await collect(blobs.read("same"))).toString()).toBe("the second");
    await blobs.delete("same");
  });

  it("says NOT_FOUND when it has no such blob", async () => {
    await expect(collect(blobs.read("missing"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it.each([0, 10, part + 10])(
    "stores nothing when its source fails after %i bytes, and passes the error on",
    async (length) => {
      const trouble = new Error("the source broke");
      const source = async function* () {
        yield* inPieces(Buffer.alloc(length), 1_000_000);
        throw trouble;
      };
      await expect(blobs.write("broken", source())).rejects.toBe(trouble);
      expect(await blobs.has("broken")).toBe(false);
      expect(await keysOf(blobs)).toEqual([]);
    },
  );

  it("keeps the old blob when replacing it fails", async () => {
    await blobs.write("kept", inPieces(Buffer.from("old"), 4));
    const source = async function* () {
      yield Buffer.from("new, but ");
      throw new Error("the source broke");
    };
    await expect(blobs.write("kept", source())).rejects.toThrow("the source broke");
    expect((await collect(blobs.read("kept"))).toString()).toBe("old");
    await blobs.delete("kept");
  });

  it("lets a reader stop early", async () => {
    await blobs.write("big", inPieces(Buffer.alloc(3_000_000), 100_000));
    for await (const piece of blobs.read("big")) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    await blobs.delete("big");
  });

  it.each([
    "",
    ".",
    "..",
    "../x",
    "a/../b",
    "a/./b",
    "/a",
    "a/",
    "a//b",
    "-a",
    "_a",
    "A",
    "a b",
    "a.b",
    "a\\b",
    "a\0",
    "ä",
    "a?b",
    "a%2e",
    "x".repeat(202),
  ])("refuses the key %j", async (key) => {
    const malformed = { code: "MALFORMED" };
    await expect(blobs.write(key, inPieces(Buffer.alloc(1), 1))).rejects.toMatchObject(malformed);
    await expect((async () => collect(blobs.read(key)))()).rejects.toMatchObject(malformed);
    await expect(blobs.delete(key)).rejects.toMatchObject(malformed);
    await expect(blobs.has(key)).rejects.toMatchObject(malformed);
  });
});
