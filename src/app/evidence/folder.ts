import { closeSync, constants, createReadStream, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { sha256Hex } from "../../kit/bytes.ts";
import { type Digest, digestOfHex } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { ioError } from "../home/durable-file.ts";

const maxFiles = 100_000;

/** An evidence folder as found on disk: regular files only, read with bounds. */
export interface EvidenceFolder {
  /** Paths below the folder, "/" between their parts, unordered. */
  readonly paths: readonly string[];
  /** @throws NOT_FOUND · LIMIT for files over `limit` bytes */
  read(path: string, limit?: number): Uint8Array;
  /** The bytes of a file in chunks. @throws NOT_FOUND */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Size and SHA-256 of a file, in constant memory. */
  digest(path: string): { readonly size: number; readonly digest: Digest };
}

/** Lists the folder at `root`. @throws NOT_FOUND · INTEGRITY for links and special files · LIMIT beyond 100,000 files */
export function openEvidenceFolder(root: string): EvidenceFolder {
  const found = lstatSync(root, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    fail("NOT_FOUND", {
      message: "There is no folder here",
      where: root,
      next: "Name a folder that castellan export wrote.",
    });
  const paths: string[] = [];
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name)
      .slice(root.replace(/\/+$/, "").length + 1)
      .replaceAll("\\", "/");
    if (!entry.isFile())
      fail("INTEGRITY", { message: "The folder holds something that is not a regular file", where: path });
    paths.push(path);
    if (paths.length > maxFiles)
      fail("LIMIT", { message: `The folder holds more than ${maxFiles} files`, where: root });
  }
  const known = new Set(paths);
  const open = <T>(path: string, work: (file: number, size: number) => T): T => {
    if (!known.has(path)) return fail("NOT_FOUND", { message: "The folder lacks a file it needs", where: path });
    let file: number;
    try {
      file = openSync(join(root, path), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      throw ioError(error, path);
    }
    try {
      return work(file, lstatSync(join(root, path)).size);
    } finally {
      closeSync(file);
    }
  };
  return {
    paths,
    read: (path, limit = 64 * 1024 * 1024) =>
      open(path, (file, size) => {
        if (size > limit) fail("LIMIT", { message: `The file is larger than ${limit} bytes`, where: path });
        return readAll(file, size);
      }),
    async *stream(path) {
      if (!known.has(path)) fail("NOT_FOUND", { message: "The folder lacks a file it needs", where: path });
      yield* createReadStream(join(root, path), { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
    },
    digest: (path) =>
      open(path, (file, size) => {
        if (size < 1 << 20) {
          const bytes = readAll(file, size);
          return { size: bytes.length, digest: digestOfHex(sha256Hex(bytes)) };
        }
        const hash = createHash("sha256");
        const buffer = Buffer.allocUnsafe(1 << 20);
        let total = 0;
        for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
          hash.update(buffer.subarray(0, read));
          total += read;
        }
        return { size: total, digest: digestOfHex(hash.digest("hex")) };
      }),
  };
}

function readAll(file: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const read = readSync(file, bytes, done, size - done, done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}
