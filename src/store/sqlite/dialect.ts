import type { DatabaseSync } from "node:sqlite";
import {
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from "kysely";
import { SqliteConnection } from "./connection.ts";
import { Turns } from "../turns.ts";

export interface SqliteDialectOptions {
  readonly database: DatabaseSync;
  /** How long to wait for a lock another process holds. */
  readonly lockTimeoutMs: number;
}

/** Kysely over one `node:sqlite` connection. Callers take turns: nobody's query runs inside another's transaction. */
export class NodeSqliteDialect implements Dialect {
  readonly #options: SqliteDialectOptions;

  constructor(options: SqliteDialectOptions) {
    this.#options = options;
  }

  createDriver(): Driver {
    return new NodeSqliteDriver(this.#options);
  }
  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class NodeSqliteDriver implements Driver {
  readonly #options: SqliteDialectOptions;
  readonly #turns = new Turns();
  readonly #connection: SqliteConnection;

  constructor(options: SqliteDialectOptions) {
    this.#options = options;
    this.#connection = new SqliteConnection(options.database, options.lockTimeoutMs);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return this.#connection;
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await this.#connection.begin(settings.accessMode === "read only");
  }
  async commitTransaction(): Promise<void> {
    this.#connection.commit();
  }
  async rollbackTransaction(): Promise<void> {
    this.#connection.rollback();
  }

  async releaseConnection(): Promise<void> {
    this.#turns.done();
  }

  async destroy(): Promise<void> {
    await this.#turns.take();
    this.#options.database.close();
  }
}
