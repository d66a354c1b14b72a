import { fail } from "../../kit/errors.ts";
import { count, stored } from "../columns.ts";
import { formatFact } from "../migrations/migrate.ts";
import type { Db } from "../tables.ts";

/** The counter row behind {@link "../repository.ts".Repository.revision}. */
export async function revision(db: Db): Promise<number> {
  const row = await db.selectFrom("store").select("revision").executeTakeFirst();
  return stored("revision", () => count(row?.revision ?? fail("MALFORMED", "it is missing"), "revision"));
}

/**
 * Counts the transaction that calls it, if the store still has the format this program writes.
 * @throws CONFIG when another process migrated it meanwhile
 */
export async function bumpRevision(db: Db, format: number): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("store")
    .set((row) => ({ revision: row("revision", "+", 1) }))
    .where((row) =>
      row.exists(
        row.selectFrom("facts").select("key").where("key", "=", formatFact).where("value", "=", String(format)),
      ),
    )
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return;
  fail("CONFIG", {
    message: "The store was migrated to another format while this process had it open",
    next: "Restart this process with the version of Castellan that migrated the store.",
  });
}
