import { type CastellanError, type ErrorCode, isCastellanError } from "../../kit/errors.ts";
import type { Outcome } from "../../core/verdict.ts";

/** One thing that was checked about an evidence folder. */
export interface Layer {
  readonly id: string;
  readonly title: string;
  readonly outcome: Outcome;
  readonly detail: string;
  /** What kind of thing is wrong, when something is. */
  readonly code?: ErrorCode;
}

/**
 * Runs checks one after the other; a check that throws fails with its message, and what it was to return is undefined so that
 * later checks which need it can say that they could not be made.
 */
export interface Examination {
  readonly layers: readonly Layer[];
  check<T>(
    id: string,
    title: string,
    work: () => Promise<{ readonly detail: string; readonly value: T }>,
  ): Promise<T | undefined>;
}

/** An empty examination. */
export function examination(): Examination {
  const layers: Layer[] = [];
  return {
    layers,
    async check(id, title, work) {
      try {
        const { detail, value } = await work();
        layers.push({ id, title, outcome: "pass", detail });
        return value;
      } catch (error) {
        if (!isCastellanError(error)) throw error;
        layers.push({
          id,
          title,
          outcome: outcomeOf(error),
          detail: error.where ? `${error.message} (${error.where})` : error.message,
          code: error.code,
        });
        return undefined;
      }
    },
  };
}

/** What is altered, unsigned or revoked fails; what a bound or a missing means kept us from deciding is undecided. */
function outcomeOf(error: CastellanError): Outcome {
  return error.code === "UNDECIDED" || error.code === "LIMIT" || error.code === "UNSUPPORTED" ? "undecided" : "fail";
}
