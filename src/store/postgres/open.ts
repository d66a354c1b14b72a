import { CompiledQuery, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import type { Clock } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { storeMigrations } from "../migrations/list.ts";
import { migrate, type MigrationTarget, refuseOther } from "../migrations/migrate.ts";
import type { DdlWords, Migration } from "../migrations/migration.ts";
import { RelationalRepository } from "../relational.ts";
import type { Repository } from "../repository.ts";
import type { Db, StoreTables } from "../tables.ts";
import { PostgresEngine } from "./engine.ts";
import { translatePostgresError } from "./errors.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with libpq's parameters such as `sslmode=verify-full`. */
  readonly url: string;
  /** The schema that holds the store and nothing else; created when missing. "castellan" unless told. */
  readonly schema?: string;
  readonly clock?: Clock;
  /** Neither creates nor migrates nor writes. */
  readonly readOnly?: boolean;
  /** How long a writer waits for writers of other processes. 10 seconds unless told. */
  readonly lockTimeoutMs?: number;
}

const words: DdlWords = {
  text: 'text collate "C"',
  bytes: "bytea",
  integer: "bigint",
  counter: "bigint generated always as identity primary key",
  tableEnd: "",
};

/**
 * The store in a schema of a PostgreSQL database, created or migrated as needed. Migration does not back up: do it with
 * pg_dump before (docs/store.md).
 * @throws CONFIG when URL, database, schema or permissions are wrong, or the store is newer than this program;
 * UNAVAILABLE when the server does not answer; BUSY
 */
export function openPostgresRepository(options: PostgresOptions): Promise<Repository> {
  return openPostgresWith(storeMigrations, options);
}

/** {@link openPostgresRepository} for another list of migrations (tests migrate to formats that do not exist yet). */
export async function openPostgresWith(
  migrations: readonly Migration[],
  options: PostgresOptions,
): Promise<Repository> {
  const { url, schema = "castellan", clock = Date, readOnly = false, lockTimeoutMs = 10_000 } = options;
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || schema.startsWith("pg_"))
    fail("CONFIG", `"${schema.slice(0, 80)}" is not a usable schema name (lower-case letters, digits and "_")`);
  const where = placeOf(url, schema);
  const root = connect(url, where);
  try {
    const db = root.withSchema(schema);
    const engine = new PostgresEngine({ db, schema, format: migrations.length, readOnly, lockTimeoutMs, where });
    const target: MigrationTarget = {
      db,
      words,
      where,
      clock,
      tables: (on) => tableNames(on, schema),
      exclusively: (work) => migrateAlone(db, schema, work),
    };
    await refuseOtherEncodings(db, where);
    if (readOnly) await refuseOther(target, migrations.length);
    else await migrate(target, migrations);
    return new RelationalRepository(engine);
  } catch (error) {
    await root.destroy();
    throw translatePostgresError(error, "opening the store", where);
  }
}

function connect(url: string, where: string): Db {
  const pool = newPool(url, where);
  // A connection that breaks while nobody uses it is replaced by the pool; without listeners it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return new Kysely<StoreTables>({
    dialect: new PostgresDialect({
      pool,
      // An acknowledged commit is on the disk, also where the server's default says otherwise.
      onCreateConnection: async (connection) => {
        const query =
          "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";
        await connection.executeQuery(CompiledQuery.raw(query));
      },
    }),
  });
}

function newPool(url: string, where: string): pg.Pool {
  try {
    return new pg.Pool({
      connectionString: url,
      application_name: "castellan",
      max: 8,
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    });
  } catch {
    return fail("CONFIG", { message: "The database URL cannot be read", where, next: urlForm });
  }
}

const urlForm = "Write postgres://user:password@host:port/database.";

/** Host, database and schema for messages: never user or password. */
function placeOf(url: string, schema: string): string {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    fail("CONFIG", { message: "The database URL cannot be read", next: urlForm });
  const { host, pathname } = new URL(url);
  return `PostgreSQL ${host}${pathname}, schema ${schema}`;
}

/** One migrating process at a time, in one transaction; unqualified names are those of the store's schema. */
function migrateAlone<T>(db: Db, schema: string, work: (db: Db) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext(${`castellan migration ${schema}`}))`.execute(tx);
    const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(tx);
    if (rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(tx);
    await sql`set local search_path to ${sql.id(schema)}`.execute(tx);
    return work(tx);
  });
}

async function tableNames(db: Db, schema: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_catalog.pg_tables where schemaname = ${schema}`.execute(db);
  return rows.map((row) => row.name);
}

async function refuseOtherEncodings(db: Db, where: string): Promise<void> {
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(db);
  if (rows[0]?.server_encoding === "UTF8") return;
  fail("CONFIG", {
    message: `The database's encoding is ${rows[0]?.server_encoding}, not UTF8`,
    where,
    next: "Create the database with ENCODING 'UTF8'.",
  });
}
