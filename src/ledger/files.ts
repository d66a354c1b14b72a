import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail } from "../kit/errors.ts";

/**
 * What the log needs of a disk; paths are relative to the log, use "/" and are made by us only.
 * Small on purpose: tests stand in for a disk that fills up, dies or forgets what was not synced.
 * Everything throws STORAGE_FULL when space or quota ran out and IO for other refusals.
 */
export interface LogFiles {
  /** The file's bytes, or undefined when there is none. @throws INTEGRITY when it is longer than `limit` or no plain file */
  read(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** Names in a folder, unordered; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /**
   * Writes whole files. Each appears completely or not at all, and all are durable when the promise resolves;
   * when it rejects, any of them may have appeared.
   */
  replace(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Removes files and folders with all they hold; absent ones are fine. */
  remove(paths: readonly string[]): Promise<void>;
  /** Makes a new, empty file whose name is durable when the promise resolves. */
  create(path: string): Promise<AppendFile>;
}

/** A file written front to back. */
export interface AppendFile {
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Resolves when all that was written is durable. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Folder for half-written files; whatever a crash leaves there is rubbish. */
export const temporaryFolder = "tmp";

// Few at a time, so that a thread of the pool stays free for the journal's fdatasync.
const writesAtOnce = 2;

/** The files of the log in folder `root` of the local disk. */
export function diskFiles(root: string): LogFiles {
  const place = (path: string) => join(root, path);
  let temporaries = 0;
  const folder = async (path: string) => {
    const created = await mkdir(path, { recursive: true });
    if (created === undefined) return;
    // A new folder is durable once its parent is synced, and so on up to the first that existed.
    for (let at = path; at.length >= created.length; at = dirname(at)) await syncFolder(dirname(at));
  };
  return {
    read: (path, limit) => refusals(path, () => readWhole(place(path), path, limit)),
    list: (path) => refusals(path, () => absentAs([], readdir(place(path)))),
    replace: (files) =>
      refusals([...files.keys()].at(-1) ?? ".", async () => {
        await folder(place(temporaryFolder));
        const names = [...files].map(([path, bytes]) => {
          temporaries += 1;
          return { bytes, target: place(path), temporary: place(`${temporaryFolder}/${temporaries}`) };
        });
        try {
          await eachOf(names, ({ bytes, temporary }) => writeWhole(temporary, bytes));
          const folders = new Set(names.map(({ target }) => dirname(target)));
          for (const one of folders) await folder(one);
          for (const { temporary, target } of names) await rename(temporary, target);
          await eachOf(folders, syncFolder);
        } catch (error) {
          // Above all on a full disk: give the space back.
          await Promise.allSettled(names.map(({ temporary }) => rm(temporary, { force: true })));
          throw error;
        }
      }),
    remove: (paths) =>
      refusals(paths[0] ?? ".", async () => {
        await Promise.all(paths.map((path) => rm(place(path), { recursive: true, force: true })));
        for (const one of new Set(paths.map((path) => dirname(place(path)))))
          await absentAs(undefined, syncFolder(one));
      }),
    create: (path) =>
      refusals(path, async () => {
        await folder(dirname(place(path)));
        const file = await open(place(path), "wx+", 0o644);
        await syncFolder(dirname(place(path)));
        return {
          write: (bytes, at) =>
            refusals(path, async () => {
              let done = 0;
              while (done < bytes.length)
                done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
            }),
          sync: () => refusals(path, () => file.datasync()),
          truncate: (length) => refusals(path, () => file.truncate(length)),
          close: () => refusals(path, () => file.close()),
        };
      }),
  };
}

async function readWhole(path: string, where: string, limit: number): Promise<Uint8Array | undefined> {
  // Non-blocking, so that a pipe put in a file's place cannot make us wait for ever.
  const file = await absentAs(undefined, open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  if (!file) return undefined;
  try {
    const stat = await file.stat();
    if (!stat.isFile()) fail("INTEGRITY", { message: "this should be a plain file", where });
    if (stat.size > limit)
      fail("INTEGRITY", { message: `the file has ${stat.size} bytes, more than the ${limit} it may have`, where });
    const bytes = Buffer.allocUnsafe(stat.size);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; its file system keeps names in its own journal.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Runs `work` on all items, a few at a time; when some fail, throws the first failure after all have ended. */
async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items].values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: writesAtOnce }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function absentAs<T>(value: T, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return value;
    throw error;
  }
}

async function refusals<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === undefined) throw cause;
    if (code === "ENOSPC" || code === "EDQUOT")
      return fail("STORAGE_FULL", {
        message: "the disk the log is on is full",
        where,
        next: "Free some space; nothing that was acknowledged is lost.",
        cause,
      });
    return fail("IO", { message: `the operating system refused (${code})`, where, cause });
  }
}

/** The operating system's code of a failed call; undefined for every other error. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
