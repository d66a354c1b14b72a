import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { bytes, count, digest, identifier, optionalBytes, stored } from "../columns.ts";
import type { ObjectRow } from "../repository.ts";
import type { Db, StoreTables } from "../tables.ts";

const rowsPerInsert = 500;
const rowsPerPage = 500;
const columns = ["seq", "tenant", "version", "path", "blob_key", "header", "wrapped_for"] as const;

type Stored = { readonly [Column in Exclude<keyof StoreTables["objects"], "seq">]: unknown };

/** Stores objects, with their keys or without. @throws MALFORMED, LIMIT */
export async function addObjects(db: Db, rows: readonly ObjectRow[]): Promise<void> {
  const values = rows.map((row) => ({
    tenant: identifier(row.tenant, "tenant"),
    version: digest(row.version, "version"),
    path: identifier(row.path, "path"),
    blob_key: identifier(row.blobKey, "blobKey"),
    header: optionalBytes(row.header, "header") ?? null,
    wrapped_for: identifier(row.wrappedFor, "wrappedFor"),
  }));
  for (let at = 0; at < values.length; at += rowsPerInsert) {
    await db
      .insertInto("objects")
      .values(values.slice(at, at + rowsPerInsert))
      .execute();
  }
}

/** In the order of the UTF-8 bytes of their paths, as in the manifest. */
export async function objects(db: Db, tenant: string, version: Digest): Promise<readonly ObjectRow[]> {
  const rows = await db
    .selectFrom("objects")
    .select(columns)
    .where("tenant", "=", tenant)
    .where("version", "=", version)
    .orderBy("path")
    .execute();
  return rows.map(objectOf);
}

/** One page of all objects in the order they were added, after `after`; and where the next page starts. */
export async function objectPage(db: Db, after: number): Promise<{ rows: readonly ObjectRow[]; last: number }> {
  const rows = await db
    .selectFrom("objects")
    .select(columns)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(rowsPerPage)
    .execute();
  return { rows: rows.map(objectOf), last: rows.length === 0 ? after : count(rows.at(-1)!.seq, "seq") };
}

/** @throws NOT_FOUND; ERASED when the key is gone, which no rotation brings back */
export async function rewrapObject(
  db: Db,
  tenant: string,
  version: Digest,
  path: string,
  header: Uint8Array,
  wrappedFor: string,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("objects")
    .set({ header: bytes(header, "header"), wrapped_for: identifier(wrappedFor, "wrappedFor") })
    .where("tenant", "=", tenant)
    .where("version", "=", version)
    .where("path", "=", path)
    .where("header", "is not", null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return;
  const found = await db
    .selectFrom("objects")
    .select("seq")
    .where("tenant", "=", tenant)
    .where("version", "=", version)
    .where("path", "=", path)
    .executeTakeFirst();
  if (found) fail("ERASED", `The key of "${path}" of ${version} was destroyed`);
  fail("NOT_FOUND", `Tenant "${tenant}" has no object "${path}" of ${version}`);
}

/** How many objects lost their key by this call. */
export async function destroyKeys(db: Db, tenant: string, version: Digest): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("objects")
    .set({ header: null })
    .where("tenant", "=", tenant)
    .where("version", "=", version)
    .where("header", "is not", null)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

function objectOf(row: Stored): ObjectRow {
  return stored("object", () => {
    const header = optionalBytes(row.header, "header");
    return {
      tenant: identifier(row.tenant, "tenant"),
      version: digest(row.version, "version"),
      path: identifier(row.path, "path"),
      blobKey: identifier(row.blob_key, "blob_key"),
      ...(header && { header }),
      wrappedFor: identifier(row.wrapped_for, "wrapped_for"),
    };
  });
}
