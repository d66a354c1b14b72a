import { toHex } from "../kit/bytes.ts";
import type { LogWriter } from "../ledger/writer.ts";
import type { StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { publish, putOnLog } from "./put-on-log.ts";
import { firstUnsettled, settle } from "./settle.ts";

/**
 * Completes what a process that died, or an append that failed, left pending: statements whose leaf the log holds get their index
 * and effect, the others are appended first, all in the order they were stored. Needs the log's lock.
 * @returns how many statements it completed
 * @throws INTEGRITY when a pending statement that changes state was not signed by this registry
 */
export async function recover(context: Context, log: LogWriter): Promise<number> {
  const pending = await context.repository.pendingStatements();
  if (pending.length === 0) return 0;
  const found = await indexesOnLog(context, log, pending);
  for (const row of pending) {
    const index = found.get(toHex(row.leaf)) ?? (await putOnLog(log, row.leaf));
    await settle(context, row, index);
  }
  return pending.length;
}

/** Where the log holds the leaves of `rows`, by the leaf's hex. Salts make leaves unique, so bytes identify them. */
async function indexesOnLog(
  context: Context,
  log: LogWriter,
  rows: readonly StatementRow[],
): Promise<ReadonlyMap<string, number>> {
  const wanted = new Set(rows.map((row) => toHex(row.leaf)));
  const found = new Map<string, number>();
  let index = await firstUnsettled(context.repository);
  if (index >= log.size) return found;
  // The reader sees what the checkpoint covers; the dead process may have been acknowledged more.
  await publish(log);
  const reader = await context.readLog();
  for await (const entry of reader.entries(index, log.size)) {
    const hex = toHex(entry);
    if (wanted.has(hex)) found.set(hex, index);
    index++;
  }
  return found;
}
