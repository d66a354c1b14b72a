import { fail } from "../kit/errors.ts";
import type { Repository } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { facts } from "./facts.ts";

/** A clock that is set right again may go back by this much without anybody minding. */
const tolerated = 86_400_000;

/**
 * The time of a new record: the clock's, or that of the last record when the clock was set back a little. So times never run
 * against the order of the log, and what has expired stays expired.
 * @throws CONFLICT when the clock stands more than a day before the last record
 */
export async function recordTime(context: Context): Promise<number> {
  const now = context.clock.now();
  const last = Date.parse((await context.repository.fact(facts.latestTime)) ?? "");
  if (Number.isNaN(last) || last <= now) return now;
  if (last - now <= tolerated) return last;
  if (context.acceptClockSetback) return now;
  return fail("CONFLICT", {
    message: `The clock says ${new Date(now).toISOString()}, but the last record is of ${new Date(last).toISOString()}`,
    next: "Set the clock right. If it was the record's time that was wrong, open the registry so that it accepts the setback.",
  });
}

/** Remembers the time of a record, in the transaction that stores it. */
export async function rememberTime(tx: Repository, at: string): Promise<void> {
  await tx.setFact(facts.latestTime, at);
}
