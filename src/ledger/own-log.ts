import { openCheckpoint } from "./checkpoint.ts";
import { diskFiles } from "./files.ts";
import { checkNotRolledBack, readHighWater } from "./high-water.ts";
import { type LogReader, openLogReader } from "./reader.ts";

/**
 * Opens for reading a log that is written on this machine: it must not be older than, or contradict, the checkpoint its writer
 * remembers. So an older checkpoint, validly signed too, cannot hide what was appended since.
 * @throws INTEGRITY when it was rolled back or forked · NOT_FOUND · SIGNATURE
 */
export async function openOwnLog(dir: string, vkey: string): Promise<LogReader> {
  // Read first: a writer publishes and then remembers, so while one is at work the published checkpoint is never the older one.
  const remembered = await readHighWater(diskFiles(dir), vkey);
  const reader = openLogReader(dir, { vkey });
  checkNotRolledBack(openCheckpoint(await reader.checkpointText(), vkey), remembered);
  return reader;
}
