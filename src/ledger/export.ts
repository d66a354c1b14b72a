import { readdir } from "node:fs/promises";
import { fail } from "../kit/errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { diskFiles, temporaryFolder } from "./files.ts";
import { checkpointFile } from "./high-water.ts";
import { hashLength } from "./merkle.ts";
import { noteLimits, parseNote } from "./note.ts";
import { levelSize, maxBundleLength, type TileName, tilePath, tileWidth, widthAt } from "./tile.ts";
import { textOf } from "../kit/bytes.ts";

/**
 * Copies the log in `dir` up to its checkpoint into `target`, as a plain C2SP tile log: `checkpoint` and `tile/`, nothing
 * of ours. Needs no lock. One tile in memory at a time; the checkpoint is written last.
 * @returns the number of entries
 * @throws NOT_FOUND when there is no log in `dir`; CONFLICT when `target` holds anything; INTEGRITY when a tile is missing
 */
export async function exportLog(dir: string, target: string): Promise<{ readonly size: number }> {
  const from = diskFiles(dir);
  const to = diskFiles(target);
  const note = await from.read(checkpointFile, noteLimits.bytes);
  if (!note) return fail("NOT_FOUND", { message: "there is no log here", where: dir });
  const { size } = parseCheckpoint(parseNote(textOf(note, "the checkpoint")).text);
  const present = await readdir(target).catch(() => []);
  if (present.length > 0)
    fail("CONFLICT", { message: "the folder to export to is not empty", where: target, next: "Name a new folder." });
  for (const name of tilesOf(size)) {
    const limit = name.level === "entries" ? maxBundleLength : tileWidth * hashLength;
    const wanted = tilePath(name);
    // The log may have grown and dropped a partial tile since: then the full one holds it too.
    const full = tilePath({ ...name, width: tileWidth });
    const partial = await from.read(wanted, limit);
    const bytes = partial ?? (await from.read(full, limit));
    if (!bytes) return fail("INTEGRITY", { message: "a tile is missing", where: wanted });
    await to.replace(new Map([[partial ? wanted : full, bytes]]));
  }
  await to.replace(new Map([[checkpointFile, note]]));
  await to.remove([temporaryFolder]);
  return { size };
}

/** Every tile and bundle that a log of `size` entries consists of. */
export function* tilesOf(size: number): Iterable<TileName> {
  for (let level = 0; levelSize(level, size) > 0; level++) {
    const count = levelSize(level, size);
    for (let index = 0; index * tileWidth < count; index++) {
      const width = widthAt(index, count);
      if (level === 0) yield { level: "entries", index, width };
      yield { level, index, width };
    }
  }
}
