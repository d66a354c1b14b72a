/** Where long work says how far it is. Implementations decide whether and how to show it. */
export interface Progress {
  /** `done` of `total` (when known) units of `what`, e.g. ("hashing", 12, 40). */
  step(what: string, done: number, total?: number): void;
}

/** Says nothing. */
export const silentProgress: Progress = Object.freeze({ step() {} });
