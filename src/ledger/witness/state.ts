import { textOf, sha256Hex, utf8 } from "../../kit/bytes.ts";
import type { Clock } from "../../kit/clock.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { diskFiles, type LogFiles } from "../files.ts";
import { takeWriterLock } from "../lock.ts";
import { noteLimits } from "../note.ts";
import type { WitnessState } from "./witness.ts";

/**
 * Witness state as one file per log, named by the SHA-256 of the log's origin (origins come from outside and never
 * reach a path). A file is replaced as a whole: after a crash the old or the new note is there, never a mixture.
 */
export function witnessState(files: LogFiles): WitnessState {
  const pathOf = (origin: string): string => `${sha256Hex(utf8(origin))}.checkpoint`;
  return {
    async read(origin) {
      const bytes = await files.read(pathOf(origin), noteLimits.bytes);
      return bytes && textOf(bytes, "the witness's state");
    },
    write: (origin, note) => files.replace(new Map([[pathOf(origin), utf8(note)]])),
  };
}

/**
 * The state in folder `dir` (made when missing), locked against a second witness: two on one state could sign two
 * histories. The operating system frees the lock when the process dies.
 * @throws BUSY when another witness uses the folder; IO
 */
export async function openWitnessState(
  dir: string,
  clock: Clock,
): Promise<{ readonly state: WitnessState; close(): void }> {
  try {
    const lock = await takeWriterLock(dir, 0, clock);
    return { state: witnessState(diskFiles(dir)), close: () => lock.release() };
  } catch (error) {
    if (!isCastellanError(error, "BUSY")) throw error;
    return fail("BUSY", {
      message: "another witness uses this state folder",
      where: dir,
      next: "Stop it, or give each witness its own key and its own folder.",
      cause: error,
    });
  }
}
