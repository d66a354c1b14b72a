import { createHash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Stats } from "node:fs";
import { fail } from "../../kit/errors.ts";
import type { HashType } from "../../seal/model-signing/format.ts";
import { hashTypes } from "../../seal/model-signing/format.ts";
import { shown } from "../../seal/model-signing/names.ts";
import type { ModelFile } from "./walk.ts";

/** Digest of a file or of a byte range of it. */
export interface RangeDigest {
  readonly start: number;
  readonly end: number;
  /** Lower-case hexadecimal. */
  readonly digest: string;
}

/** Read buffer: small files are hashed out of it in one call, large ones pass through it. */
const bufferBytes = 1024 * 1024;

/** Files up to this size are read whole. */
const smallBytes = 256 * 1024;

/** Most shards of one file. */
const maxRanges = 1_000_000;

/** Bytes read between two looks at the outside world (interruption, progress). */
const breathEvery = 64 * 1024 * 1024;

export interface HasherOptions {
  readonly hashType: HashType;
  /** Bytes per range; undefined for whole files. */
  readonly shardSize?: number | undefined;
  readonly followSymlinks: boolean;
  /** Called after every 64 MiB or so; may wait, may throw to stop. */
  readonly breathe?: (bytesDone: number) => Promise<void>;
}

/**
 * A hasher for the files of one model. Reading is synchronous into one reused buffer: nothing is faster, since hashing
 * dominates, and memory stays constant whatever the size of a file.
 * The function it returns yields the file's size and its digests: one for the whole file, or one per shard (none for
 * an empty file).
 * @throws CONFLICT when a file vanishes, is replaced or changes while it is read; UNSUPPORTED when it is not regular
 */
export function fileHasher(
  options: HasherOptions,
): (file: ModelFile) => Promise<{ size: number; ranges: RangeDigest[] }> {
  const { hashType, shardSize, followSymlinks, breathe } = options;
  const algorithm = hashTypes[hashType].node;
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  // Non-blocking, so that a pipe put in a file's place cannot hold us; no following of links put there either.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followSymlinks ? 0 : (constants.O_NOFOLLOW ?? 0));
  let sinceBreath = 0;
  let done = 0;

  return async (file) => {
    const fd = open(file, flags);
    try {
      const before = fstatSync(fd);
      if (!before.isFile()) fail("UNSUPPORTED", `${shown(file.path)} is not a regular file`);
      const { size } = before;
      const step = shardSize ?? Math.max(size, 1);
      if (size / step > maxRanges) {
        fail("LIMIT", `${shown(file.path)} has more than ${maxRanges} shards of ${step} bytes`);
      }
      const ranges: RangeDigest[] = [];
      if (size <= smallBytes && size <= step) {
        readFully(fd, buffer, size, file);
        if (shardSize === undefined || size > 0) {
          ranges.push({ start: 0, end: size, digest: hash(algorithm, buffer.subarray(0, size), "hex") });
        }
        sinceBreath += size;
        done += size;
      } else {
        for (let start = 0; start < size; start += step) {
          const end = Math.min(start + step, size);
          const state = createHash(algorithm);
          for (let at = start; at < end; ) {
            const length = Math.min(bufferBytes, end - at);
            readFully(fd, buffer, length, file);
            state.update(length === bufferBytes ? buffer : buffer.subarray(0, length));
            at += length;
            sinceBreath += length;
            done += length;
            if (sinceBreath >= breathEvery) {
              sinceBreath = 0;
              await breathe?.(done);
            }
          }
          ranges.push({ start, end, digest: state.digest("hex") });
        }
      }
      // One more byte would mean that the file grew.
      if (readSync(fd, buffer, 0, 1, null) !== 0) changed(file);
      if (!sameState(before, fstatSync(fd))) changed(file);
      return { size, ranges };
    } finally {
      closeSync(fd);
    }
  };
}

function open(file: ModelFile, flags: number): number {
  try {
    return openSync(file.location, flags);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return changed(file, cause);
    return fail("IO", { message: `${shown(file.path)} cannot be read: ${(cause as Error).message}`, cause });
  }
}

function readFully(fd: number, buffer: Buffer, length: number, file: ModelFile): void {
  let filled = 0;
  while (filled < length) {
    let read: number;
    try {
      read = readSync(fd, buffer, filled, length - filled, null);
    } catch (cause) {
      return fail("IO", { message: `${shown(file.path)} cannot be read: ${(cause as Error).message}`, cause });
    }
    if (read === 0) return changed(file);
    filled += read;
  }
}

function sameState(a: Stats, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

function changed(file: ModelFile, cause?: unknown): never {
  return fail("CONFLICT", {
    message: `${shown(file.path)} changed or vanished while it was being read`,
    next: "Make sure nothing writes to the model, then try again.",
    cause,
  });
}
