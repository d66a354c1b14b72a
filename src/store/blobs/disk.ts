import { createHash, randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { BlobStore } from "../../core/ports.ts";
import { chunksOf } from "../../kit/chunks.ts";
import { CastellanError, fail } from "../../kit/errors.ts";
import { checkedKey, isBlobKey } from "./key.ts";

/** Bytes per write to a file; small arrays are gathered until there are so many. */
const writeBytes = 1024 * 1024;
/** Bytes per read from a file. */
const readBytes = 256 * 1024;
/** A temporary file nobody wrote to for so long was left by a crash. */
const staleMs = 3_600_000;

const temporary = "tmp";

/**
 * Blobs as files under `dir`: `<2 hex digits>/key.<key with "/" as ".">.blob`. A blob is written to a temporary file, flushed, renamed
 * and its folder flushed, so after `write` returns it survives a power cut, and before that nobody sees it. Several processes may use
 * the folder at once.
 *
 * `write` rejects with STORAGE_FULL when the disk is full (nothing is left behind), IO when the system refuses, and with the source's
 * own error when the source fails. `read` throws NOT_FOUND, or INTEGRITY when the file shrinks while it is read.
 */
export function diskBlobs(dir: string): BlobStore {
  let swept: Promise<void> | undefined;

  return {
    async write(key, bytes) {
      const { folder, path } = placeOf(dir, key);
      const staging = join(dir, temporary);
      return refusals(`writing blob ${key}`, async () => {
        await ensureFolder(staging);
        // Tidying up is worth one try and no failed write.
        swept ??= sweep(staging).catch(() => undefined);
        await swept;
        const draft = join(staging, `${process.pid}-${randomBytes(12).toString("hex")}`);
        try {
          const length = await writeDraft(draft, bytes);
          await ensureFolder(folder);
          await rename(draft, path);
          await flushFolder(folder);
          // Another process may have made the folder a moment ago and not have flushed it yet.
          await flushFolder(dir);
          return length;
        } catch (error) {
          await unlink(draft).catch(() => undefined);
          throw error;
        }
      });
    },

    read(key) {
      return readFile(placeOf(dir, key).path, key);
    },

    async delete(key) {
      const { folder, path } = placeOf(dir, key);
      await refusals(`deleting blob ${key}`, async () => {
        if (await present(unlink(path).then(() => true))) await flushFolder(folder);
      });
    },

    async has(key) {
      const { path } = placeOf(dir, key);
      const found = await refusals(`looking for blob ${key}`, () => present<Stats>(stat(path)));
      return found?.isFile() ?? false;
    },

    async *list() {
      const shards = (await refusals("listing blobs", () => present(readdir(dir)))) ?? [];
      for (const shard of shards.filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
        const names = await refusals("listing blobs", () => present(readdir(join(dir, shard))));
        for (const name of names ?? []) {
          const key = keyOfFile(name);
          if (key !== undefined && shardOf(key) === shard) yield key;
        }
      }
    },
  };
}

function placeOf(dir: string, key: string): { readonly folder: string; readonly path: string } {
  const folder = join(dir, shardOf(checkedKey(key)));
  return { folder, path: join(folder, `key.${key.replaceAll("/", ".")}.blob`) };
}

function keyOfFile(name: string): string | undefined {
  const key = /^key\.(.+)\.blob$/.exec(name)?.[1]?.replaceAll(".", "/");
  return key !== undefined && isBlobKey(key) ? key : undefined;
}

/** Spreads blobs evenly over 256 folders, whatever the keys look like. */
function shardOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 2);
}

/** A new file at `path` with everything `source` yields, flushed to disk. Returns its length. */
async function writeDraft(path: string, source: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  try {
    let length = 0;
    for await (const { bytes } of chunksOf(source, writeBytes)) {
      await writeAll(file, bytes);
      length += bytes.length;
    }
    await file.sync();
    return length;
  } finally {
    await file.close();
  }
}

/** One write may take less than it was given, notably when the disk fills up. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
}

async function* readFile(path: string, key: string): AsyncGenerator<Uint8Array, void, void> {
  const what = `reading blob ${key}`;
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  const file = (await refusals(what, () => present(open(path, flags)))) ?? fail("NOT_FOUND", `there is no blob ${key}`);
  try {
    const { size } = await refusals(what, () => file.stat());
    for (let done = 0; done < size; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, size - done));
      const { bytesRead } = await refusals(what, () => file.read(buffer, 0, buffer.length, done));
      if (bytesRead === 0) fail("INTEGRITY", `blob ${key} was cut off at byte ${done} while it was read`);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Makes `folder` and its parents if need be. Those inside `dir` are flushed by the caller. */
async function ensureFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first !== undefined) await flushFolder(dirname(resolve(first)));
}

/** Makes renames and removals in `folder` survive a power cut. Windows cannot, and need not be asked. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what crashed writers left. A living one keeps its file fresh. */
async function sweep(staging: string): Promise<void> {
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const found = await present(stat(path));
    if (found && Date.now() - found.mtimeMs > staleMs) await present(unlink(path));
  }
}

/** The result, or undefined when the file does not exist. */
async function present<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Runs `work`, turning the system's errors into ours; errors of the source pass unchanged. */
async function refusals<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined || error instanceof CastellanError) throw error;
    if (code === "ENOSPC" || code === "EDQUOT")
      return fail("STORAGE_FULL", {
        message: `the disk is full (${what})`,
        next: "Free some space and try again; nothing was stored.",
        cause: error,
      });
    return fail("IO", { message: `the system refused ${what}: ${code}`, cause: error });
  }
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && "syscall" in error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
