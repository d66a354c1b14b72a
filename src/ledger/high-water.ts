import { equalBytes, textOf, utf8 } from "../kit/bytes.ts";
import { canonicalJson } from "../kit/canonical-json.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { jsonObject, jsonString, parseJson } from "../kit/json.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import type { LogFiles } from "./files.ts";
import { noteLimits } from "./note.ts";

// Beside the published checkpoint the writer keeps the largest one it ever signed. When the published one is replaced
// by an older one, which is validly signed too, the two disagree.

export const checkpointFile = "checkpoint";
export const highWaterFile = "state.json";
const formatVersion = 1;
const limit = 2 * noteLimits.bytes;

/** A checkpoint and the signed note it stands in. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: string;
}

/** The published checkpoint, or undefined when there is none. @throws INTEGRITY, SIGNATURE */
export async function readCheckpoint(files: LogFiles, vkey: string): Promise<SignedCheckpoint | undefined> {
  const bytes = await files.read(checkpointFile, noteLimits.bytes);
  return bytes && open(bytes, vkey, checkpointFile);
}

/** The largest checkpoint the writer remembers, or undefined when it remembers none. @throws INTEGRITY, SIGNATURE, UNSUPPORTED */
export async function readHighWater(files: LogFiles, vkey: string): Promise<SignedCheckpoint | undefined> {
  const bytes = await files.read(highWaterFile, limit);
  if (!bytes) return undefined;
  const { version, note } = damageOf(highWaterFile, () => {
    const state = jsonObject(parseJson(bytes, "the writer's state"), "the writer's state");
    return { version: state["v"], note: jsonString(state["checkpoint"], "the remembered checkpoint") };
  });
  if (version !== formatVersion)
    fail("UNSUPPORTED", {
      message: `the log's state has format ${JSON.stringify(version)}; this program knows format ${formatVersion}`,
      where: highWaterFile,
      next: "Use the program version that wrote it, or a newer one.",
    });
  return open(utf8(note), vkey, highWaterFile);
}

/** What {@link readHighWater} reads. */
export function highWater(note: string): Uint8Array {
  return utf8(`${canonicalJson({ v: formatVersion, checkpoint: note })}\n`);
}

/** @throws INTEGRITY when the published checkpoint is older than, or contradicts, the remembered one */
export function checkNotRolledBack(published: Checkpoint, remembered: Checkpoint | undefined): void {
  if (!remembered) return;
  if (published.size < remembered.size)
    fail("INTEGRITY", {
      message: `the log was rolled back: its checkpoint covers ${published.size} entries, but one for ${remembered.size} was signed before`,
      where: checkpointFile,
      next: `Restore the log from its newest backup; ${highWaterFile} holds the checkpoint that is missing.`,
    });
  if (published.size === remembered.size && !equalBytes(published.root, remembered.root))
    fail("INTEGRITY", {
      message: `the log was forked: two checkpoints for ${published.size} entries have different root hashes`,
      where: checkpointFile,
      next: "Keep both files as evidence, and find out who else holds the log's key.",
    });
}

function open(bytes: Uint8Array, vkey: string, where: string): SignedCheckpoint {
  return damageOf(where, () => ({ ...openCheckpoint(bytes, vkey), note: textOf(bytes) }));
}

/** What `read` makes of a file of ours: what cannot be read is damage. @throws INTEGRITY, SIGNATURE naming the file */
export function damageOf<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (isCastellanError(cause, "MALFORMED", "LIMIT"))
      return fail("INTEGRITY", { message: `the file is damaged: ${cause.message}`, where, cause });
    if (isCastellanError(cause, "SIGNATURE"))
      return fail("SIGNATURE", { message: cause.message, where, next: cause.next, cause });
    throw cause;
  }
}
