import type { Decoder } from "./decoder.ts";
import { pieceLimit, quietInput } from "./decoder.ts";
import type { History } from "./history.ts";

const nothing = new Uint8Array(0);

/** A dictionary decoder as a series of steps. */
export interface Steps {
  readonly history: History;
  /** Place in the input. */
  readonly offset: number;
  /**
   * Does a little work. False at the end; "hand out" when it cannot go on before the history is empty.
   * @throws as {@link Decoder.next}
   */
  step(): boolean | "hand out";
}

/** Turns steps into a decoder: hands out what was written before a step failed, and returns now and then when nothing is. */
export function decoderOf(steps: Steps): Decoder {
  let problem: unknown;
  let done = false;
  return {
    get offset() {
      return steps.offset;
    },
    next() {
      const quiet = steps.offset + quietInput;
      while (steps.history.pending < pieceLimit / 4 && !done && problem === undefined) {
        try {
          const result = steps.step();
          if (result === false) done = true;
          else if (result === "hand out") break;
        } catch (error) {
          problem = error ?? new Error("unknown");
        }
        if (steps.offset > quiet && steps.history.pending === 0 && !done && problem === undefined) return nothing;
      }
      if (steps.history.pending > 0) return steps.history.take();
      if (problem !== undefined) throw problem;
      return undefined;
    },
  };
}
