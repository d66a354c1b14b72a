import type { Db } from "../tables.ts";

/** The words of the data definition language in which the two databases differ. */
export interface DdlWords {
  /** Text that compares by its UTF-8 bytes, whatever the server's locale. */
  readonly text: string;
  readonly bytes: string;
  /** A 64-bit integer. */
  readonly integer: string;
  /** A primary key that counts up by itself and is never reused. */
  readonly counter: string;
  /** What follows the closing parenthesis of `create table`. */
  readonly tableEnd: string;
}

/** One step from a format version to the next. Runs inside a transaction; forward only. */
export interface Migration {
  /** What it changes, for people. */
  readonly title: string;
  up(db: Db, words: DdlWords): Promise<void>;
}
