import { readdir } from "node:fs/promises";
import { concat, utf8 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { diskFiles, temporaryFolder } from "./files.ts";
import { checkpointFile } from "./high-water.ts";
import { openLogReader } from "./reader.ts";
import { encodeEntry, levelSize, tilePath, tileWidth } from "./tile.ts";
import { TileReader } from "./tile-reader.ts";

/** Files written at once; bounds the memory of an export to some 16 MiB of bundles, each at most that size. */
const batchFiles = 32;
const batchBytes = 16 * 1024 * 1024;

/**
 * Copies what a C2SP tile log consists of, its checkpoint and exactly the tiles and bundles the checkpoint needs, from
 * folder `from` to the new or empty folder `to`; writer's state, journal and lock stay behind. The checkpoint comes last, so
 * a folder without it is an export that was cut short. Sound although a writer goes on; audit the copy to know it is good.
 * @returns the checkpoint copied
 * @throws CONFLICT when `to` holds anything; NOT_FOUND, SIGNATURE, INTEGRITY, STORAGE_FULL, IO
 */
export async function exportLog(from: string, to: string, vkey: string): Promise<Checkpoint> {
  await checkEmpty(to);
  const note = await openLogReader(from, { vkey }).checkpointText();
  const checkpoint = openCheckpoint(note, vkey);
  const target = diskFiles(to);
  let batch = new Map<string, Uint8Array>();
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.size > 0) await target.replace(batch);
    batch = new Map();
    bytes = 0;
  };
  for await (const [path, content] of filesOf(new TileReader(diskFiles(from)), checkpoint.size)) {
    batch.set(path, content);
    bytes += content.length;
    if (batch.size >= batchFiles || bytes >= batchBytes) await flush();
  }
  await flush();
  await target.replace(new Map([[checkpointFile, utf8(note)]]));
  await target.remove([temporaryFolder]);
  return checkpoint;
}

async function* filesOf(tiles: TileReader, size: number): AsyncIterable<readonly [string, Uint8Array]> {
  for (const { index, width } of pieces(size)) {
    const entries = await tiles.bundle(index, size);
    yield [tilePath({ level: "entries", index, width }), concat(...entries.map(encodeEntry))];
  }
  for (let level = 0; levelSize(level, size) > 0; level++)
    for (const { index, width } of pieces(levelSize(level, size)))
      yield [tilePath({ level, index, width }), await tiles.tile(level, index, size)];
}

/** The full pieces of 256 that `count` things fill, and the partial one for the rest. */
function* pieces(count: number): Iterable<{ readonly index: number; readonly width: number }> {
  const full = Math.floor(count / tileWidth);
  for (let index = 0; index < full; index++) yield { index, width: tileWidth };
  if (count % tileWidth > 0) yield { index: full, width: count % tileWidth };
}

async function checkEmpty(dir: string): Promise<void> {
  try {
    if ((await readdir(dir)).length === 0) return;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return;
    if (code !== "ENOTDIR") return fail("IO", { message: "the folder cannot be read", where: dir, cause });
  }
  fail("CONFLICT", {
    message: "an export goes to a new or empty folder",
    where: dir,
    next: "Name another folder; nothing is overwritten.",
  });
}
