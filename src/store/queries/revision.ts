import { fail } from "../../kit/errors.ts";
import { count, stored } from "../columns.ts";
import type { Db } from "../tables.ts";

/** The counter row behind {@link "../repository.ts".Repository.revision}. */
export async function revision(db: Db): Promise<number> {
  const row = await db.selectFrom("store").select("revision").executeTakeFirst();
  return stored("revision", () => count(row?.revision ?? fail("MALFORMED", "it is missing"), "revision"));
}

/** Counts the transaction that calls it. */
export async function bumpRevision(db: Db): Promise<void> {
  await db
    .updateTable("store")
    .set((row) => ({ revision: row("revision", "+", 1) }))
    .execute();
}
