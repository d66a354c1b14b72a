import { sql } from "kysely";
import { type CastellanError } from "../../kit/errors.ts";
import type { Engine } from "../engine.ts";
import { revision } from "../queries/revision.ts";
import type { Db } from "../tables.ts";
import { Turns } from "../turns.ts";
import { stateOf, translatePostgresError } from "./errors.ts";

export interface PostgresEngineOptions {
  readonly db: Db;
  readonly schema: string;
  readonly format: number;
  readonly readOnly: boolean;
  readonly lockTimeoutMs: number;
  readonly where: string;
}

/** PostgreSQL behind the repository: a pool for reading, one writer at a time among all processes. */
export class PostgresEngine implements Engine {
  readonly db: Db;
  readonly format: number;
  readonly readOnly: boolean;
  readonly #schema: string;
  readonly #lockTimeoutMs: number;
  readonly #where: string;
  /** Writers of this process queue here, so that waiting ones do not hold connections readers need. */
  readonly #turns = new Turns();

  constructor({ db, schema, format, readOnly, lockTimeoutMs, where }: PostgresEngineOptions) {
    this.db = db;
    this.format = format;
    this.readOnly = readOnly;
    this.#schema = schema;
    this.#lockTimeoutMs = lockTimeoutMs;
    this.#where = where;
  }

  async transaction<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const serializable = this.db.transaction().setIsolationLevel("serializable");
    if (this.readOnly) return serializable.setAccessMode("read only").execute(work);
    await this.#turns.take();
    try {
      return await serializable.execute(async (db) => {
        // LOCK comes before the first query: it does not fix the snapshot, so that what is read afterwards is what the
        // writer before us left, and serialization failures stay an exception. Plain reads are not held up by it.
        await sql.raw(`set local lock_timeout = ${Math.round(this.#lockTimeoutMs)}`).execute(db);
        await sql`lock table ${sql.table(`${this.#schema}.store`)} in exclusive mode`.execute(db);
        return work(db);
      });
    } finally {
      this.#turns.done();
    }
  }

  translate(error: unknown, doing: string): unknown {
    return translatePostgresError(error, doing, this.#where);
  }

  /** Serialization failures and deadlocks: the database asks for another attempt. */
  worthRetrying(error: CastellanError): boolean {
    return ["40001", "40P01"].includes(stateOf(error.cause) ?? "");
  }

  revision(): Promise<number> {
    return revision(this.db);
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }
}
