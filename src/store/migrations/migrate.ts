import { type Clock, timestamp } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import type { Db } from "../tables.ts";
import type { DdlWords, Migration } from "./migration.ts";

/** The fact that carries the store's format version. */
export const formatFact = "store-format";

/** What the migration runner needs from a database. */
export interface MigrationTarget {
  readonly db: Db;
  readonly words: DdlWords;
  /** The store's place for messages; never with a password. */
  readonly where: string;
  readonly clock: Clock;
  /** Names of the tables in the store's own file or schema. */
  tables(db: Db): Promise<readonly string[]>;
  /** Runs `work` in a transaction no other writer can run beside. */
  exclusively<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Makes a copy of the store as it is now, if the database can. Called once, inside the first exclusive transaction. */
  backUp?(format: number): Promise<void>;
}

/** The store's format version; 0 when it holds no tables at all. @throws CONFIG when the tables are not ours */
export async function formatOf(target: MigrationTarget, db: Db = target.db): Promise<number> {
  const tables = await target.tables(db);
  if (tables.length === 0) return 0;
  const row = tables.includes("facts")
    ? await db.selectFrom("facts").select("value").where("key", "=", formatFact).executeTakeFirst()
    : undefined;
  if (row && /^[1-9]\d{0,5}$/.test(row.value)) return Number(row.value);
  return fail("CONFIG", {
    message: "This database holds tables, but they are not a Castellan store",
    where: target.where,
    next: "Name another file (or another schema) for the store.",
  });
}

/** @throws CONFIG when the store is newer than this program */
export function refuseNewer(format: number, latest: number, where: string): void {
  if (format <= latest) return;
  fail("CONFIG", {
    message: `The store has format ${format}; this program knows formats up to ${latest}`,
    where,
    next: "Use a newer Castellan, or restore the backup that was made before the store was migrated.",
  });
}

/** @throws CONFIG when a store opened for reading only is not of exactly this program's format */
export async function refuseOther(target: MigrationTarget, latest: number): Promise<void> {
  const format = await formatOf(target);
  refuseNewer(format, latest, target.where);
  if (format === latest) return;
  fail("CONFIG", {
    message:
      format === 0 ? "The store is empty" : `The store has format ${format} and must be migrated to format ${latest}`,
    where: target.where,
    next: "Open it once for writing: any command that changes something does.",
  });
}

/**
 * Brings the store to the latest format, one transaction per step; an existing store is backed up first.
 * Two processes may do this at once: each step looks again at the format it finds.
 * @throws CONFIG when the store is newer, or not ours
 */
export async function migrate(target: MigrationTarget, migrations: readonly Migration[]): Promise<void> {
  const latest = migrations.length;
  let format = await formatOf(target);
  let backedUp = false;
  while (format !== latest) {
    refuseNewer(format, latest, target.where);
    format = await target.exclusively(async (db) => {
      const now = await formatOf(target, db);
      const next = migrations[now];
      if (!next) return now;
      if (now > 0 && !backedUp) await target.backUp?.(now);
      backedUp = true;
      await next.up(db, target.words);
      await remember(db, formatFact, String(now + 1));
      await remember(db, `${formatFact}-${now + 1}-since`, timestamp(target.clock));
      return now + 1;
    });
  }
}

async function remember(db: Db, key: string, value: string): Promise<void> {
  await db
    .insertInto("facts")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}
