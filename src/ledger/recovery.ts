import { equalBytes } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type FramedEntry, LogEdge } from "./edge.ts";
import { type LogFiles, temporaryFolder } from "./files.ts";
import {
  checkNotRolledBack,
  checkpointFile,
  readCheckpoint,
  readHighWater,
  type SignedCheckpoint,
} from "./high-water.ts";
import { type ReplayedJournal, replayJournal } from "./journal.ts";
import { hashInTile, encodeEntry, levelSize, tilePath, tileWidth, widthAt } from "./tile.ts";
import { leafHash, treeRoot } from "./merkle.ts";
import { TileReader } from "./tile-reader.ts";

/** What an opened log holds. */
export interface RecoveredLog {
  /** Undefined for a log that is being made. */
  readonly checkpoint: SignedCheckpoint | undefined;
  /** True when the remembered checkpoint is the published one. */
  readonly remembered: boolean;
  /** The tree as of the checkpoint. */
  readonly edge: LogEdge;
  /** Acknowledged entries beyond the checkpoint. */
  readonly tail: readonly FramedEntry[];
  /** Journal files; no longer needed once the tail is in tiles. */
  readonly journal: readonly string[];
}

/**
 * Reads what the last writer left and checks that its parts agree. Changes nothing but the folder of half-written files.
 * Tiles beyond the checkpoint are not looked into: they are written again from the journal.
 * @throws INTEGRITY, SIGNATURE, UNSUPPORTED, IO
 */
export async function recoverLog(files: LogFiles, origin: string, vkey: string): Promise<RecoveredLog> {
  await files.remove([temporaryFolder]);
  const checkpoint = await readCheckpoint(files, vkey);
  const remembered = await readHighWater(files, vkey);
  const journal = await replayJournal(files, origin, checkpoint?.size ?? 0);
  if (!checkpoint) {
    if (remembered || journal || (await files.list("tile")).length > 0)
      fail("INTEGRITY", {
        message: "the log has no checkpoint",
        where: checkpointFile,
        next: "Restore it from the backup of the log.",
      });
    return { checkpoint, remembered: false, edge: new LogEdge(), tail: [], journal: [] };
  }
  checkNotRolledBack(checkpoint, remembered);
  const tiles = new TileReader(files);
  const edge = await loadEdge(tiles, checkpoint);
  if (remembered) await checkExtends(tiles, checkpoint, remembered);
  const tail = journal ? await tailOf(journal, tiles, checkpoint.size) : [];
  await checkNothingBeyond(files, checkpoint.size + tail.length);
  return {
    checkpoint,
    remembered: remembered?.size === checkpoint.size,
    edge,
    tail,
    journal: journal?.paths ?? [],
  };
}

async function loadEdge(tiles: TileReader, { size, root }: SignedCheckpoint): Promise<LogEdge> {
  const edge = await LogEdge.load(size, tiles);
  if (!equalBytes(edge.root(), root))
    fail("INTEGRITY", {
      message: `the tiles of the ${size} entries do not have the root hash that the checkpoint states`,
      where: checkpointFile,
      next: "Audit the log to see which tile is damaged, and restore it from the backup.",
    });
  return edge;
}

async function checkExtends(tiles: TileReader, { size }: SignedCheckpoint, before: SignedCheckpoint): Promise<void> {
  if (before.size === size) return;
  if (!equalBytes(await treeRoot(tiles.hashes(size), before.size), before.root))
    fail("INTEGRITY", {
      message: `the log was forked: its first ${before.size} entries do not have the root hash signed for them`,
      where: checkpointFile,
    });
}

/** The journal's entries beyond the checkpoint; those below it must be the ones in the tiles. */
async function tailOf(journal: ReplayedJournal, tiles: TileReader, size: number): Promise<FramedEntry[]> {
  if (journal.first > size)
    fail("INTEGRITY", {
      message: `entries ${size} to ${journal.first - 1} are neither in the tiles nor in the journal`,
      where: journal.paths[0],
      next: "The checkpoint or the journal was replaced; restore the log from its newest backup.",
    });
  const tail: FramedEntry[] = [];
  for (const [i, entry] of journal.entries.entries()) {
    const index = journal.first + i;
    const hash = leafHash(entry);
    if (index >= size) {
      tail.push({ framed: encodeEntry(entry), hash });
      continue;
    }
    const tile = await tiles.tile(0, Math.floor(index / tileWidth), size);
    if (!equalBytes(hashInTile(tile, index % tileWidth), hash))
      fail("INTEGRITY", {
        message: `entry ${index} in the journal is not the one in the tiles`,
        where: tilePath({ level: 0, index: Math.floor(index / tileWidth), width: widthAt(index, levelSize(0, size)) }),
      });
  }
  return tail;
}

/** Tiles are written from the journal only, so tiles beyond its end mean that journal and checkpoint were set back. */
async function checkNothingBeyond(files: LogFiles, end: number): Promise<void> {
  const index = Math.floor(end / tileWidth);
  for (const level of ["entries", 0] as const) {
    const full = tilePath({ level, index, width: tileWidth });
    const folder = full.slice(0, full.lastIndexOf("/"));
    const name = full.slice(folder.length + 1);
    const widths = (await files.list(`${full}.p`)).map(Number);
    const beyond = (await files.list(folder)).includes(name)
      ? full
      : widths.some((width) => width > end % tileWidth)
        ? `${full}.p`
        : undefined;
    if (beyond)
      fail("INTEGRITY", {
        message: `the log was set back: there are tiles beyond its ${end} entries`,
        where: beyond,
        next: "Restore the log from its newest backup.",
      });
  }
}
