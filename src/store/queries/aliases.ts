import { fail } from "../../kit/errors.ts";
import { choice, count, digest, identifier, moment, optionalDigest, stored } from "../columns.ts";
import type { AliasHistoryRow, AliasRow } from "../repository.ts";
import type { Db, StoreTables } from "../tables.ts";

const actions = ["promote", "rollback", "withdraw"] as const;
const columns = [
  "tenant",
  "name",
  "alias",
  "digest",
  "canary",
  "canary_weight",
  "sequence",
  "statement",
  "changed_at",
] as const;

type Stored = { readonly [Column in keyof StoreTables["aliases"]]: unknown };

/** @throws CONFLICT when the alias already saw this sequence number or a later one */
export async function setAlias(db: Db, row: AliasHistoryRow): Promise<void> {
  const values = await addHistory(db, row);
  await db
    .insertInto("aliases")
    .values(values)
    .onConflict((conflict) => conflict.columns(["tenant", "name", "alias"]).doUpdateSet(values))
    .execute();
}

/** Takes the alias away; `row` is what history remembers. @throws NOT_FOUND, CONFLICT */
export async function removeAlias(db: Db, row: AliasHistoryRow): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom("aliases")
    .where("tenant", "=", row.tenant)
    .where("name", "=", row.name)
    .where("alias", "=", row.alias)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) fail("NOT_FOUND", `Tenant "${row.tenant}" has no alias ${row.name}:${row.alias}`);
  await addHistory(db, row);
}

/** The present setting of an alias, or undefined. */
export async function alias(db: Db, tenant: string, name: string, wanted: string): Promise<AliasRow | undefined> {
  const row = await db
    .selectFrom("aliases")
    .select(columns)
    .where("tenant", "=", tenant)
    .where("name", "=", name)
    .where("alias", "=", wanted)
    .executeTakeFirst();
  return row && stored("alias", () => aliasOf(row));
}

/** Ordered by tenant, name and alias. */
export async function aliases(db: Db, tenant?: string): Promise<readonly AliasRow[]> {
  const query = db.selectFrom("aliases").select(columns).orderBy("tenant").orderBy("name").orderBy("alias");
  const rows = await (tenant === undefined ? query : query.where("tenant", "=", tenant)).execute();
  return rows.map((row) => stored("alias", () => aliasOf(row)));
}

/** Every change of the aliases of an asset, oldest first. */
export async function aliasHistory(db: Db, tenant: string, name: string): Promise<readonly AliasHistoryRow[]> {
  const rows = await db
    .selectFrom("alias_history")
    .select([...columns, "action"])
    .where("tenant", "=", tenant)
    .where("name", "=", name)
    .orderBy("seq")
    .execute();
  return rows.map((row) => stored("alias", () => ({ ...aliasOf(row), action: choice(row.action, actions, "action") })));
}

async function addHistory(db: Db, row: AliasHistoryRow) {
  const values = {
    tenant: identifier(row.tenant, "tenant"),
    name: identifier(row.name, "name"),
    alias: identifier(row.alias, "alias"),
    digest: digest(row.digest, "digest"),
    canary: optionalDigest(row.canary, "canary") ?? null,
    canary_weight: count(row.canaryWeight, "canaryWeight"),
    sequence: count(row.sequence, "sequence"),
    statement: digest(row.statement, "statement"),
    changed_at: moment(row.changedAt, "changedAt"),
  };
  const latest = await db
    .selectFrom("alias_history")
    .select("sequence")
    .where("tenant", "=", values.tenant)
    .where("name", "=", values.name)
    .where("alias", "=", values.alias)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  if (latest && stored("alias", () => count(latest.sequence, "sequence")) >= values.sequence) {
    fail("CONFLICT", {
      message: `${row.name}:${row.alias} has changed meanwhile (it is at ${latest.sequence}, this change is ${row.sequence})`,
      next: "Look at the alias again and repeat the change if it is still wanted.",
    });
  }
  await db
    .insertInto("alias_history")
    .values({ ...values, action: choice(row.action, actions, "action") })
    .execute();
  return values;
}

function aliasOf(row: Stored): AliasRow {
  const canary = optionalDigest(row.canary, "canary");
  return {
    tenant: identifier(row.tenant, "tenant"),
    name: identifier(row.name, "name"),
    alias: identifier(row.alias, "alias"),
    digest: digest(row.digest, "digest"),
    ...(canary && { canary }),
    canaryWeight: count(row.canary_weight, "canary_weight"),
    sequence: count(row.sequence, "sequence"),
    statement: digest(row.statement, "statement"),
    changedAt: moment(row.changed_at, "changed_at"),
  };
}
