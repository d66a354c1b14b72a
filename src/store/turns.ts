/** Lets one caller at a time through, in the order they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Resolves when it is the caller's turn; they must call {@link done} afterwards. */
  take(): Promise<void> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  done(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}
