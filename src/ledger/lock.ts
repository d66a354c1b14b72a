import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, timestamp } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";

// One writer per log. The lock is SQLite's exclusive file lock on lock.db: the operating system drops it when the
// process dies, and SQLite also keeps two connections of one process apart. Nobody may open lock.db by other means
// while it is held: POSIX drops all of a process's locks on a file as soon as it closes any handle of that file.

const lockFile = "lock.db";
const holderFile = "lock.pid";
const pollMs = 20;
const sqliteBusy = 5;

export interface WriterLock {
  /** @throws CONFLICT when the lock was let go, or its file removed or replaced, so that somebody else may write too */
  check(): void;
  release(): void;
}

/**
 * Takes the writer lock of the log in `dir` (made when missing), waiting at most `timeoutMs` for another to let go.
 * @throws BUSY naming the process that holds it; IO
 */
export async function takeWriterLock(dir: string, timeoutMs: number, clock: Clock): Promise<WriterLock> {
  const path = join(dir, lockFile);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const held = tryLock(dir, path);
    if (held) {
      leaveName(join(dir, holderFile), clock);
      return held;
    }
    if (performance.now() >= deadline)
      fail("BUSY", {
        message: `another writer has this log open${holder(dir)}`,
        where: dir,
        next: "Wait for it to finish, or stop it.",
      });
    await sleep(pollMs);
  }
}

/** For the message others get. The lock does not depend on it, so it does not matter when the disk is full. */
function leaveName(path: string, clock: Clock): void {
  try {
    writeFileSync(path, `${process.pid} ${timestamp(clock)}\n`);
  } catch {
    // Then others are told that somebody holds it, but not who.
  }
}

function tryLock(dir: string, path: string): WriterLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
    const own = statSync(path);
    return guard(database, path, own.ino);
  } catch (cause) {
    database?.close();
    if (isBusy(cause)) return undefined;
    return fail("IO", {
      message: `the log's lock cannot be taken: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: path,
      cause,
    });
  }
}

function guard(database: DatabaseSync, path: string, inode: number): WriterLock {
  return {
    check() {
      if (!database.isOpen) fail("CONFLICT", { message: "the log was closed", where: path });
      const now = statSync(path, { throwIfNoEntry: false });
      if (now?.ino !== inode)
        fail("CONFLICT", {
          message: "the log's lock file was removed or replaced while this writer held it",
          where: path,
          next: "Stop all writers of this log, then start one.",
        });
    },
    release() {
      if (database.isOpen) database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === sqliteBusy;
}

function holder(dir: string): string {
  try {
    const [pid, since] = readFileSync(join(dir, holderFile), "utf8").trim().split(" ");
    return pid !== undefined && /^\d+$/.test(pid) ? ` (process ${pid}, since ${since ?? "an unknown time"})` : "";
  } catch {
    return "";
  }
}
