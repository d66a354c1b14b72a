import type { CastellanError } from "../kit/errors.ts";
import type { Db } from "./tables.ts";

/** What a committed transaction did, as far as an engine has to know. */
export interface Committed {
  /** It changed rows that count for the revision. */
  readonly changed: boolean;
  /** It destroyed wrapped keys, whose old bytes must not linger in side files. */
  readonly destroyedKeys: boolean;
}

/** One database behind the repository: where SQLite and PostgreSQL differ. */
export interface Engine {
  readonly db: Db;
  /** The format version this program writes. */
  readonly format: number;
  readonly readOnly: boolean;
  /**
   * Runs `work` in one transaction that no other writer runs beside, and commits it.
   * Errors come out as the database made them.
   */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** Called after each commit. */
  committed?(what: Committed): Promise<void>;
  /** A database error as ours; anything else unchanged. `doing` says what failed, e.g. "adding version …". */
  translate(error: unknown, doing: string): unknown;
  /** May the whole transaction be tried again after this error? */
  worthRetrying(error: CastellanError): boolean;
  /** The committed revision, as cheaply as the database can say it. */
  revision(): Promise<number>;
  close(): Promise<void>;
}
