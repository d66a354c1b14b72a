import { fail, isCastellanError } from "../kit/errors.ts";
import type { Db } from "./tables.ts";

/**
 * One running transaction. Its operations run one after the other, even when a caller starts several at once.
 * The first failure dooms it: whatever the caller catches, a doomed unit never commits. (PostgreSQL would silently roll
 * back at commit, SQLite would commit the half that worked; neither may happen.)
 */
export class Unit {
  readonly #db: Db;
  #tail: Promise<void> = Promise.resolve();
  #doom: { readonly error: unknown } | undefined;
  #over = false;
  changed = false;
  destroyedKeys = false;

  constructor(db: Db) {
    this.#db = db;
  }

  get over(): boolean {
    return this.#over;
  }

  /** The error that doomed it, if any. */
  get doomedBy(): unknown {
    return this.#doom?.error;
  }

  /** Runs one operation after those before it. @throws INTERNAL once the transaction is over */
  run<T>(operation: (db: Db) => Promise<T>): Promise<T> {
    if (this.#over) return Promise.reject(tooLate());
    const result = this.#tail.then(() => {
      this.#refuseDoomed();
      return operation(this.#db);
    });
    this.#tail = result.then(
      () => undefined,
      (error: unknown) => this.doom(error),
    );
    return result;
  }

  /** From now on the transaction can only fail. The first reason stays. */
  doom(error: unknown): void {
    this.#doom ??= { error };
  }

  /** Waits for operations nobody waited for, and ends the unit. @throws the error that doomed it */
  async finish(): Promise<void> {
    await this.#settle();
    this.#over = true;
    if (this.#doom) throw this.#doom.error;
  }

  /** Ends the unit after a failure, once its operations are through. */
  async abandon(): Promise<void> {
    this.#over = true;
    await this.#settle();
  }

  async #settle(): Promise<void> {
    let seen: Promise<void>;
    do {
      seen = this.#tail;
      await seen;
    } while (seen !== this.#tail);
  }

  #refuseDoomed(): void {
    if (!this.#doom) return;
    const { error } = this.#doom;
    fail(isCastellanError(error) ? error.code : "INTERNAL", {
      message: `An earlier step of this transaction failed: ${(error as Error).message}`,
      cause: error,
    });
  }
}

function tooLate(): Error {
  try {
    return fail("INTERNAL", "A transaction was used after it had ended");
  } catch (error) {
    return error as Error;
  }
}
