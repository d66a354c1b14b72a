import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fail } from "../../kit/errors.ts";
import { isBusy } from "./errors.ts";

/** "CAST": marks the file as a Castellan store for `file(1)` and other tools. */
const applicationId = 0x43_41_53_54;

/** What every connection wants: foreign keys, no trust in what a tampered schema might call. Changes nothing on disk. */
export function harden(database: DatabaseSync, readOnly: boolean): void {
  database.exec("pragma foreign_keys = on; pragma trusted_schema = off; pragma cell_size_check = on");
  if (readOnly) database.exec("pragma query_only = on");
}

/**
 * What a writer needs: a write-ahead log, every commit synced to the disk (on macOS by F_FULLFSYNC), deleted bytes
 * overwritten.
 * @throws CONFIG when the file system cannot keep a write-ahead log
 */
export async function makeDurable(database: DatabaseSync, lockTimeoutMs: number, where: string): Promise<void> {
  database.exec("pragma synchronous = full; pragma fullfsync = on; pragma checkpoint_fullfsync = on");
  database.exec("pragma secure_delete = on; pragma journal_size_limit = 67108864");
  const mode = await useWriteAheadLog(database, lockTimeoutMs);
  if (mode !== "wal") {
    fail("CONFIG", {
      message: `SQLite cannot keep a write-ahead log here (it chose "${String(mode)}")`,
      where,
      next: "Put the store on a local disk, or use PostgreSQL.",
    });
  }
  if (database.prepare("pragma application_id").get()?.["application_id"] !== applicationId)
    database.exec(`pragma application_id = ${applicationId}`);
}

/** Two processes may create the same store at once; the switch to WAL needs the file alone for a moment. */
async function useWriteAheadLog(database: DatabaseSync, lockTimeoutMs: number): Promise<unknown> {
  const until = performance.now() + lockTimeoutMs;
  for (;;) {
    try {
      return database.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
      await sleep(2 + Math.random() * 10);
    }
  }
}
