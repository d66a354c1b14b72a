/**
 * What a parser may spend, as the caller counts it; the scan's ReadBudget is one. Both calls throw LIMIT when a bound is hit.
 */
export interface Meter {
  /** Notes that the parser now holds `bytes` more (negative: fewer). Called before anything whose size the file states is kept. */
  hold(bytes: number): void;
  /** Called in every loop whose length the file decides, at least once per 10,000 cheap rounds. */
  tick(): void;
}

/** A meter that never refuses: for callers with trusted input, and for tests. */
export const unmetered: Meter = { hold: () => undefined, tick: () => undefined };
