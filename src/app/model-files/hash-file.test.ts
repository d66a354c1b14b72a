import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileHasher } from "./hash-file.ts";

let folder: string;
let location: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "castellan-hash-"));
  location = join(folder, "f");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => ({ path: "f", location });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const plain = { hashType: "sha256", followSymlinks: false } as const;

/** A file of zeros that takes no room, larger than what is read between two breaths. */
function sparse(size = 70 * 1024 * 1024): void {
  writeFileSync(location, "");
  truncateSync(location, size);
}

test("files of every size around the buffers have the digest of their bytes", async () => {
  const hash = fileHasher(plain);
  for (const size of [0, 1, 262_143, 262_144, 262_145, 1_048_575, 1_048_576, 1_048_577, 3_000_000]) {
    const bytes = Buffer.alloc(size, "0123456789abcdefghi");
    writeFileSync(location, bytes);
    expect(await hash(file())).toEqual({ size, ranges: [{ start: 0, end: size, digest: sha256(bytes) }] });
  }
});

test("shards have the digests of their ranges; an empty file has none", async () => {
  const bytes = Buffer.alloc(2_500_000, "0123456789abcdefghi");
  writeFileSync(location, bytes);
  for (const shardSize of [1, 7, 1_000_000, 1_048_576, 2_500_000, 9_000_000]) {
    if (shardSize < 100) writeFileSync(location, bytes.subarray(0, 20));
    else writeFileSync(location, bytes);
    const { size, ranges } = await fileHasher({ ...plain, shardSize })(file());
    expect(ranges).toHaveLength(Math.ceil(size / shardSize));
    for (const { start, end, digest } of ranges) expect(digest).toBe(sha256(bytes.subarray(start, end)));
    expect(ranges.at(-1)!.end).toBe(size);
  }
  writeFileSync(location, "");
  expect(await fileHasher({ ...plain, shardSize: 10 })(file())).toEqual({ size: 0, ranges: [] });
});

test("blake2b is the 64-byte one", async () => {
  writeFileSync(location, "abc");
  const { ranges } = await fileHasher({ ...plain, hashType: "blake2b" })(file());
  // RFC 7693 appendix A.
  expect(ranges[0]!.digest).toMatch(/^ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1.*d4009923$/);
});

test("more shards than anybody means are refused before reading", async () => {
  sparse();
  await expect(fileHasher({ ...plain, shardSize: 1 })(file())).rejects.toMatchObject({ code: "LIMIT" });
});

describe("a file that does not stand still is an error", () => {
  const during = (act: () => void): Promise<unknown> => {
    let done = false;
    const breathe = async (): Promise<void> => {
      if (!done) act();
      done = true;
    };
    return fileHasher({ ...plain, breathe })(file());
  };

  test("when it is gone", async () => {
    await expect(fileHasher(plain)(file())).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("when it grows, shrinks or is rewritten meanwhile", async () => {
    for (const act of [
      () => appendFileSync(location, "x"),
      () => truncateSync(location, 1000),
      () => utimesSync(location, new Date(), new Date(1)),
      () => unlinkSync(location),
    ]) {
      sparse();
      await expect(during(act)).rejects.toMatchObject({ code: "CONFLICT" });
    }
  });

  test("when a link, a folder or a pipe has taken its place", async () => {
    writeFileSync(join(folder, "g"), "");
    symlinkSync("g", location);
    await expect(fileHasher(plain)(file())).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await fileHasher({ ...plain, followSymlinks: true })(file())).size).toBe(0);
    await expect(fileHasher(plain)({ path: "f", location: folder })).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});

test("the work stops when a breath says so", async () => {
  sparse();
  const breathe = () => Promise.reject(new Error("stop"));
  await expect(fileHasher({ ...plain, breathe })(file())).rejects.toThrow("stop");
});
