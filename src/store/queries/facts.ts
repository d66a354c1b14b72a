import { fail } from "../../kit/errors.ts";
import { identifier } from "../columns.ts";
import { formatFact } from "../migrations/migrate.ts";
import type { Db } from "../tables.ts";

const maxValueBytes = 64 * 1024;

/** The value of a fact, or undefined. */
export async function fact(db: Db, key: string): Promise<string | undefined> {
  const row = await db.selectFrom("facts").select("value").where("key", "=", key).executeTakeFirst();
  return row?.value;
}

/** @throws USAGE for the store's own format version */
export async function setFact(db: Db, key: string, value: string): Promise<void> {
  if (key === formatFact) fail("USAGE", `"${formatFact}" belongs to the store itself`);
  const row = { key: identifier(key, "key"), value: identifier(value, "value", maxValueBytes) };
  await db
    .insertInto("facts")
    .values(row)
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value: row.value }))
    .execute();
}
