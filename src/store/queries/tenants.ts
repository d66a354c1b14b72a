import { asName } from "../../core/asset.ts";
import { identifier, moment, stored } from "../columns.ts";
import type { Db } from "../tables.ts";

/** @throws USAGE when the name is not usable, MALFORMED when the time is not RFC 3339 */
export async function addTenant(db: Db, tenant: string, createdAt: string): Promise<void> {
  await db
    .insertInto("tenants")
    .values({ tenant: asName(tenant, "The tenant"), created_at: moment(createdAt, "createdAt") })
    .execute();
}

/** All tenants, ordered by name. */
export async function tenants(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom("tenants").select("tenant").orderBy("tenant").execute();
  return rows.map((row) => stored("tenant", () => identifier(row.tenant, "tenant")));
}
