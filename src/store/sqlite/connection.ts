import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { fail } from "../../kit/errors.ts";
import { isBusy } from "./errors.ts";

const maxPrepared = 200;

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** A `node:sqlite` database as Kysely wants it, with its statements kept prepared. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #lockTimeoutMs: number;
  readonly #prepared = new Map<string, Prepared>();

  constructor(database: DatabaseSync, lockTimeoutMs: number) {
    this.#database = database;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  /** Waits for locks only outside transactions: inside one, SQLite already holds all it needs. */
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#database.isTransaction ? this.#execute(query) : this.#patiently(() => this.#execute(query));
  }

  // eslint-disable-next-line require-yield -- the interface asks for a generator; pages are read by key instead
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    fail("INTERNAL", "This driver does not stream");
  }

  /** Starts a transaction; a writing one takes the write lock at once, so that it never has to give up half-way. */
  begin(readOnly: boolean): Promise<void> {
    return this.#patiently(() => this.#database.exec(readOnly ? "begin deferred" : "begin immediate"));
  }

  commit(): void {
    this.#database.exec("commit");
  }

  /** Some errors (a full disk) have rolled back already. */
  rollback(): void {
    if (this.#database.isTransaction) this.#database.exec("rollback");
  }

  /** Tries again while another process holds a lock. The waiting is done here, so that the event loop keeps turning. */
  async #patiently<T>(attempt: () => T): Promise<T> {
    const until = performance.now() + this.#lockTimeoutMs;
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw error;
        await sleep(2 + Math.random() * 10);
      }
    }
  }

  #execute<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const { statement, returnsRows } = this.#prepare(sql);
    const values = parameters.map(inputValue);
    if (returnsRows) return { rows: statement.all(...values) as R[] };
    const { changes } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql);
    if (known) {
      // Most recently used last: the map's first entry is the one to drop.
      this.#prepared.delete(sql);
      this.#prepared.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    const fresh = { statement, returnsRows: statement.columns().length > 0 };
    this.#prepared.set(sql, fresh);
    const oldest = this.#prepared.keys().next();
    if (this.#prepared.size > maxPrepared && !oldest.done) this.#prepared.delete(oldest.value);
    return fresh;
  }
}

function inputValue(value: unknown): SQLInputValue {
  // PostgreSQL refuses such text; SQLite would store it and cut it in places.
  if (typeof value === "string" && value.includes("\0"))
    fail("MALFORMED", "Text with a NUL character cannot be stored");
  if (value === null || typeof value === "string" || typeof value === "number" || value instanceof Uint8Array)
    return value;
  return fail("INTERNAL", `A ${typeof value} was about to be stored`);
}
