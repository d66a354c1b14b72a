import type { DatabaseSync, StatementSync } from "node:sqlite";
import { Kysely } from "kysely";
import type { Committed, Engine } from "../engine.ts";
import type { Db } from "../tables.ts";
import { NodeSqliteDialect } from "./dialect.ts";
import { translateSqliteError } from "./errors.ts";

export interface SqliteEngineOptions {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly format: number;
  readonly readOnly: boolean;
  readonly lockTimeoutMs: number;
  /** Called once the connection is closed. */
  readonly closed?: () => void;
}

/** SQLite behind the repository: one connection here, one writer at a time among all processes. */
export class SqliteEngine implements Engine {
  readonly db: Db;
  readonly format: number;
  readonly readOnly: boolean;
  readonly #database: DatabaseSync;
  readonly #path: string;
  // Prepared on first use: a fresh file has no tables yet.
  #dataVersion: StatementSync | undefined;
  #counter: StatementSync | undefined;
  #seenDataVersion: unknown;
  #seenRevision = 0;
  #stale = true;
  /** Destroyed keys may still stand in the write-ahead log; at opening, those of a process that crashed. */
  #unscrubbed: boolean;
  readonly #closed: (() => void) | undefined;

  constructor({ database, path, format, readOnly, lockTimeoutMs, closed }: SqliteEngineOptions) {
    this.#database = database;
    this.#path = path;
    this.format = format;
    this.readOnly = readOnly;
    this.#unscrubbed = !readOnly;
    this.#closed = closed;
    this.db = new Kysely({ dialect: new NodeSqliteDialect({ database, lockTimeoutMs }) });
  }

  async transaction<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const builder = this.db.transaction();
    try {
      return await (this.readOnly ? builder.setAccessMode("read only") : builder).execute(work);
    } finally {
      this.#stale = true;
    }
  }

  async committed({ destroyedKeys }: Committed): Promise<void> {
    if (destroyedKeys) this.#unscrubbed = true;
    this.scrub();
  }

  /**
   * Moves the write-ahead log into the store and empties it, so that overwritten keys stand in neither. A reader of
   * another process can be in the way; then it is tried again after the next commit and at closing.
   */
  scrub(): void {
    if (!this.#unscrubbed || this.#database.isTransaction) return;
    const result = this.#database.prepare("pragma wal_checkpoint(truncate)").get();
    this.#unscrubbed = result?.["busy"] !== 0;
  }

  translate(error: unknown, doing: string): unknown {
    return translateSqliteError(error, doing, this.#path);
  }

  /** The write lock is taken before a transaction reads anything, so nothing can invalidate what it read. */
  worthRetrying(): boolean {
    return false;
  }

  /**
   * `pragma data_version` says whether another connection committed; our own transactions mark what we know as stale.
   * Only then the counter row is read. While a transaction of ours runs, the row may show what is not committed yet,
   * so the last committed value stands until it ends.
   */
  async revision(): Promise<number> {
    if (this.#database.isTransaction) return this.#seenRevision;
    this.#dataVersion ??= this.#database.prepare("pragma data_version");
    const dataVersion = this.#dataVersion.get()?.["data_version"];
    if (this.#stale || dataVersion !== this.#seenDataVersion) {
      this.#counter ??= this.#database.prepare("select revision from store");
      this.#seenRevision = Number(this.#counter.get()?.["revision"]);
      this.#seenDataVersion = dataVersion;
      this.#stale = false;
    }
    return this.#seenRevision;
  }

  async close(): Promise<void> {
    if (!this.readOnly) this.scrub();
    await this.db.destroy();
    this.#closed?.();
  }
}
