import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { sql } from "kysely";
import type { Clock } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { storeMigrations } from "../migrations/list.ts";
import { formatOf, migrate, type MigrationTarget, refuseNewer, refuseOther } from "../migrations/migrate.ts";
import type { DdlWords, Migration } from "../migrations/migration.ts";
import { RelationalRepository } from "../relational.ts";
import type { Repository } from "../repository.ts";
import type { Db } from "../tables.ts";
import { backUpSqlite } from "./backup.ts";
import { SqliteEngine } from "./engine.ts";
import { cannotOpen, translateSqliteError } from "./errors.ts";
import { createPrivately } from "./files.ts";
import { harden, makeDurable } from "./pragmas.ts";

export interface SqliteOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Opens an existing store without changing it. Works while other processes write. */
  readonly readOnly?: boolean;
  /** How long to wait for a lock another process holds. 10 seconds unless told. */
  readonly lockTimeoutMs?: number;
}

const words: DdlWords = {
  text: "text",
  bytes: "blob",
  integer: "integer",
  counter: "integer primary key autoincrement",
  tableEnd: " strict",
};

/**
 * The store in one SQLite file, created (0600, parents 0700) or migrated as needed; an older store is first copied to
 * `<path>.backup-v<format>`. Opened read-only, nothing is created or migrated.
 * @throws NOT_FOUND when it is to be read only and does not exist; CONFIG when it is newer than this program, not ours,
 * or on a file system without shared memory; INTEGRITY when the file is damaged; BUSY, IO, FORBIDDEN, STORAGE_FULL
 */
export function openSqliteRepository(options: SqliteOptions): Promise<Repository> {
  return openSqliteWith(storeMigrations, options);
}

/** {@link openSqliteRepository} for another list of migrations (tests migrate to formats that do not exist yet). */
export async function openSqliteWith(migrations: readonly Migration[], options: SqliteOptions): Promise<Repository> {
  const { path, clock, readOnly = false, lockTimeoutMs = 10_000 } = options;
  if (!readOnly) createPrivately(path);
  else if (!existsSync(path)) fail("NOT_FOUND", { message: "There is no store", where: path });
  const tidy = readOnly && !existsSync(`${path}-wal`) ? () => removeSideFiles(path) : undefined;
  let database: DatabaseSync | undefined;
  try {
    database = openFile(path, readOnly);
    harden(database, readOnly);
    const engine = new SqliteEngine({
      database,
      path,
      format: migrations.length,
      readOnly,
      lockTimeoutMs,
      ...(tidy && { closed: tidy }),
    });
    const target: MigrationTarget = {
      db: engine.db,
      words,
      where: path,
      clock,
      tables: tableNames,
      exclusively: (work) => engine.transaction(work),
      backUp: async (format) => backUpSqlite(path, freeName(`${path}.backup-v${format}`)),
    };
    if (readOnly) {
      await refuseOther(target, migrations.length);
    } else {
      // Look before changing anything: the file may be newer, or somebody else's.
      refuseNewer(await formatOf(target), migrations.length, path);
      await makeDurable(database, lockTimeoutMs, path);
      await migrate(target, migrations);
      engine.scrub();
    }
    return new RelationalRepository(engine);
  } catch (error) {
    database?.close();
    tidy?.();
    throw translateSqliteError(error, "opening the store", path);
  }
}

/** Opens the file; one in a folder where SQLite may not keep its side files (read-only media) as a snapshot. */
function openFile(path: string, readOnly: boolean): DatabaseSync {
  const options = { readOnly, timeout: 50 };
  const database = new DatabaseSync(path, options);
  if (!readOnly) return database;
  try {
    database.prepare("select 1 from sqlite_schema").get();
    return database;
  } catch (error) {
    database.close();
    // Commits that are only in a write-ahead log would be missed, so its presence rules the snapshot out.
    if (!cannotOpen(error) || existsSync(`${path}-wal`)) throw error;
    return new DatabaseSync(new URL("?immutable=1", pathToFileURL(path)), options);
  }
}

/**
 * SQLite keeps two files beside the store while it is in use, and only a connection that may write removes them. A
 * reader that made them leaves the folder as it was; if anybody else uses the store by now, they stay.
 */
function removeSideFiles(path: string): void {
  if (!existsSync(`${path}-shm`)) return;
  try {
    const last = new DatabaseSync(path);
    try {
      last.prepare("select 1 from sqlite_schema").get();
    } finally {
      last.close();
    }
  } catch {
    // No permission to write: then nobody else minds the empty files either.
  }
}

async function tableNames(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\'`.execute(db);
  return rows.map((row) => row.name);
}

/** `name`, or with the first number behind it that is free: a backup never replaces another. */
function freeName(name: string): string {
  let free = name;
  for (let number = 2; existsSync(free); number++) free = `${name}-${number}`;
  return free;
}
