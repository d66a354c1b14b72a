import { textOf, utf8 } from "../kit/bytes.ts";
import type { Clock } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { diskFiles } from "./files.ts";
import { checkpointFile } from "./high-water.ts";
import { takeWriterLock } from "./lock.ts";
import { appendSignatures, noteLimits, parseNote } from "./note.ts";

/**
 * Adds the signature lines of `cosigned` to the checkpoint file of the log in `dir`, under the writer's lock.
 * @returns true when the file now carries them; false when the log has published another checkpoint since, which stays
 * @throws BUSY when a writer holds the log; SIGNATURE when one of the two notes is not the log's; INTEGRITY, IO
 */
export async function storeCosigned(dir: string, vkey: string, cosigned: string, clock: Clock): Promise<boolean> {
  openCheckpoint(cosigned, vkey);
  const lock = await takeWriterLock(dir, 10_000, clock);
  try {
    const files = diskFiles(dir);
    const bytes = await files.read(checkpointFile, noteLimits.bytes);
    if (!bytes) return fail("INTEGRITY", { message: "the log's checkpoint is gone", where: dir });
    const current = textOf(bytes, "the checkpoint");
    openCheckpoint(current, vkey);
    const added = parseNote(cosigned);
    if (parseNote(current).text !== added.text) return false;
    const note = appendSignatures(
      current,
      added.signatures.map(({ line }) => line),
    );
    lock.check();
    await files.replace(new Map([[checkpointFile, utf8(note)]]));
    return true;
  } finally {
    lock.release();
  }
}
