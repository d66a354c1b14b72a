import { setImmediate } from "node:timers/promises";
import { fail } from "../../kit/errors.ts";
import type { Progress } from "../../kit/progress.ts";

/**
 * What long synchronous work calls from time to time: reports progress in bytes, lets signals and timers in, and stops
 * the work with UNDECIDED when `signal` aborts.
 */
export function breather(
  what: string,
  progress: Progress | undefined,
  signal: AbortSignal | undefined,
): (bytesDone: number) => Promise<void> {
  return async (bytesDone) => {
    progress?.step(what, bytesDone);
    await setImmediate();
    if (signal?.aborted) fail("UNDECIDED", `stopped while ${what}: nothing was decided`);
  };
}
