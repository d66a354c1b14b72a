import { type FileHandle, mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, timestamp } from "../kit/clock.ts";
import { CastellanError } from "../kit/errors.ts";
import { chainLine, chainStart, followChain } from "./record-chain.ts";

export interface RecordOptions {
  /** Folder of the segments, `HOME/record`; created if absent. */
  readonly dir: string;
  readonly clock: Clock;
  /** A new segment begins when one grows beyond this; default 64 MiB. */
  readonly segmentBytes?: number;
  /** How long lines are gathered before one write and fdatasync, 0 to 5 ms; default 2. */
  readonly gatherMs?: number;
}

/** The append-only, hash-chained record of requests. */
export interface RequestRecord {
  /** Appends a line; resolves once it is on disk. @throws STORAGE_FULL, IO; from then on every append fails */
  append(json: string): Promise<void>;
  close(): Promise<void>;
}

/** A segment's name says its place and the hash it continues, so that each can be checked, sealed and kept by itself. */
const segmentName = /^(\d{10})\.([0-9a-f]{64})\.record$/;

/**
 * Opens the record for appending; one process at a time. Lines are written by group commit: those that arrive within
 * `gatherMs`, or while the disk is busy, share one write and one fdatasync.
 *
 * A crash may leave a broken tail that nobody was promised. It is copied to `<segment>.torn`, never just dropped, and the
 * record goes on with a line that says so; if somebody broke more than a tail, that line and file show it too.
 */
export async function openRecord(options: RecordOptions): Promise<RequestRecord> {
  const { dir, clock, segmentBytes = 64 * 1024 * 1024, gatherMs = 2 } = options;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const opened = await openLast(dir);
  let { file, index, size, chain } = opened;
  let written = chain;
  let lines: string[] = [];
  let waiting: PromiseWithResolvers<void> | undefined;
  let running: Promise<void> | undefined;
  let broken: CastellanError | undefined;

  /** Writes batches until none is left. */
  async function flush(): Promise<void> {
    while (waiting) {
      if (gatherMs > 0) await delay(gatherMs);
      const batch = Buffer.from(lines.join(""));
      const done = waiting;
      written = chain;
      lines = [];
      waiting = undefined;
      try {
        await writeAll(file, batch, size);
        size += batch.length;
        if (size >= segmentBytes) await rotate();
        done.resolve();
      } catch (cause) {
        broken = recordError(cause);
        done.reject(broken);
        (waiting as PromiseWithResolvers<void> | undefined)?.reject(broken);
        waiting = undefined;
      }
    }
    running = undefined;
  }

  async function rotate(): Promise<void> {
    const next = await openSegment(dir, index + 1, written);
    await file.close();
    file = next;
    index += 1;
    size = 0;
  }

  const record: RequestRecord = {
    append(json) {
      if (broken) return Promise.reject(broken);
      const next = chainLine(chain, json);
      chain = next.hash;
      lines.push(next.line);
      waiting ??= Promise.withResolvers<void>();
      const { promise } = waiting;
      running ??= flush();
      return promise;
    },
    async close() {
      await running;
      broken ??= new CastellanError("IO", "The request record is closed");
      await file.close();
    },
  };
  if (opened.torn > 0) {
    await record.append(
      JSON.stringify({ event: "recovered", at: timestamp(clock), segment: index, tornBytes: opened.torn }),
    );
  }
  return record;
}

interface OpenedSegment {
  readonly file: FileHandle;
  readonly index: number;
  readonly size: number;
  readonly chain: string;
  readonly torn: number;
}

async function openLast(dir: string): Promise<OpenedSegment> {
  const last = (await readdir(dir))
    .filter((name) => segmentName.test(name))
    .sort()
    .at(-1);
  const parts = last === undefined ? null : segmentName.exec(last);
  if (!parts) return { file: await openSegment(dir, 0, chainStart), index: 0, size: 0, chain: chainStart, torn: 0 };
  const path = join(dir, parts[0]);
  const bytes = await readFile(path);
  const sound = followChain(bytes, parts[2]!);
  const torn = bytes.length - sound.soundBytes;
  const file = await open(path, "r+");
  if (torn > 0) {
    await writeFile(`${path}.torn`, bytes.subarray(sound.soundBytes), { flag: "a", mode: 0o600 });
    await file.truncate(sound.soundBytes);
    await file.datasync();
  }
  return { file, index: Number(parts[1]), size: sound.soundBytes, chain: sound.hash, torn };
}

async function openSegment(dir: string, index: number, previous: string): Promise<FileHandle> {
  const file = await open(join(dir, `${String(index).padStart(10, "0")}.${previous}.record`), "wx", 0o600);
  const folder = await open(dir, "r");
  try {
    await folder.sync(); // the new name must survive a power cut before anything in it is acknowledged
  } finally {
    await folder.close();
  }
  return file;
}

async function writeAll(file: FileHandle, batch: Buffer, position: number): Promise<void> {
  for (let at = 0; at < batch.length; ) {
    const { bytesWritten } = await file.write(batch, at, batch.length - at, position + at);
    at += bytesWritten;
  }
  await file.datasync();
}

function recordError(cause: unknown): CastellanError {
  const full = ["ENOSPC", "EDQUOT"].includes(String((cause as NodeJS.ErrnoException).code));
  return new CastellanError(full ? "STORAGE_FULL" : "IO", {
    message: full ? "The disk is full: requests cannot be recorded" : "Requests cannot be recorded",
    next: "Nothing is served unrecorded. Make room or repair the disk, then restart the gateway.",
    cause,
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
