import { isCastellanError } from "../kit/errors.ts";
import type { LogWriter } from "../ledger/writer.ts";
import type { Context } from "./context.ts";
import { recordTime } from "./record-time.ts";
import { recover } from "./recover.ts";

/** One state change under way: the log's lock is ours, nothing is pending, nobody else writes. */
export interface Session {
  readonly log: LogWriter;
  /** The time this change is recorded under, milliseconds since 1970; never before that of an earlier record. */
  readonly time: number;
  /** The same as RFC 3339 text. */
  readonly at: string;
}

/**
 * Runs `work` holding the log's exclusive lock, after completing whatever a process that died left behind.
 * @throws BUSY when another process keeps the lock · CONFLICT when the clock was set back
 */
export function inSession<T>(context: Context, work: (session: Session) => Promise<T>): Promise<T> {
  return context.turn(async () => {
    const log = await context.openLog();
    let result: T;
    try {
      await recover(context, log);
      const time = await recordTime(context);
      result = await work({ log, time, at: new Date(time).toISOString() });
    } catch (error) {
      await closed(log);
      throw error;
    }
    const failure = await closed(log);
    // What was acknowledged is in the log's journal. That its tiles could not be written now is for the next writer to report:
    // the change itself is done, and saying otherwise would be wrong.
    if (failure !== undefined && !isCastellanError(failure, "STORAGE_FULL", "IO")) throw failure;
    return result;
  });
}

/** Closes the log; what went wrong, if anything. */
async function closed(log: LogWriter): Promise<unknown> {
  try {
    await log.close();
    return undefined;
  } catch (error) {
    return error;
  }
}
