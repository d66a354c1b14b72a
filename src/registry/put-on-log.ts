import { isCastellanError } from "../kit/errors.ts";
import type { LogWriter } from "../ledger/writer.ts";

/**
 * Appends a leaf and publishes a checkpoint that covers it. Only then may the store say that it is logged: who reads the log sees
 * no journal, and must never miss what the store already acts on, even when we die now.
 * @returns the leaf's index
 */
export async function putOnLog(log: LogWriter, leaf: Uint8Array): Promise<number> {
  const { index } = await log.append(leaf);
  await publish(log);
  return index;
}

/** Publishes what was acknowledged. Witnesses that do not answer stop nothing: the log's own checkpoint is out by then. */
export async function publish(log: LogWriter): Promise<void> {
  try {
    await log.publish();
  } catch (error) {
    if (!isCastellanError(error) || isCastellanError(error, "STORAGE_FULL", "IO", "CONFLICT", "USAGE")) throw error;
  }
}
