import { stat } from "node:fs/promises";
import { concat, equalBytes } from "../kit/bytes.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { type Progress, silentProgress } from "../kit/progress.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { LogEdge } from "./edge.ts";
import { diskFiles, type LogFiles } from "./files.ts";
import { checkNotRolledBack, checkpointFile, highWaterFile, readCheckpoint, readHighWater } from "./high-water.ts";
import { hashLength, leafHash, treeRoot } from "./merkle.ts";
import { parseVkey } from "./note.ts";
import {
  encodeEntry,
  hashInTile,
  levelSize,
  maxBundleLength,
  parseTilePath,
  type TileName,
  tilePath,
  tileWidth,
  widthAt,
} from "./tile.ts";
import { TileReader } from "./tile-reader.ts";

/** Something in the log's files that is not as it must be. */
export interface Defect {
  /** Path below the log. */
  readonly file: string;
  readonly problem: string;
}

export interface AuditReport {
  readonly ok: boolean;
  /** What the checkpoint states; undefined when it could not be read or its signature is not good. */
  readonly checkpoint: Checkpoint | undefined;
  /** The first defects found, at most {@link AuditOptions.maxDefects}. */
  readonly defects: readonly Defect[];
  /** True when the audit stopped at that number. */
  readonly truncated: boolean;
  /** Files that were read and compared. */
  readonly filesChecked: number;
}

export interface AuditOptions {
  /** Stop after so many defects; default 20. */
  readonly maxDefects?: number;
  /** A checkpoint note seen earlier: the log must extend it. */
  readonly since?: string;
  readonly progress?: Progress;
}

/**
 * Recomputes the whole C2SP tile log in folder `dir` from its entry bundles and compares every tile, full or partial,
 * and the checkpoint signed by `vkey`. Reads one bundle at a time. Defects are reported, not thrown.
 * @throws NOT_FOUND when `dir` is no folder; MALFORMED when `vkey` is not a key; SIGNATURE when `since` is not signed by it; IO
 */
export async function auditLog(dir: string, vkey: string, options: AuditOptions = {}): Promise<AuditReport> {
  const folder = await stat(dir).catch(() => undefined);
  if (!folder?.isDirectory()) fail("NOT_FOUND", { message: "there is no folder with a log here", where: dir });
  return auditFiles(diskFiles(dir), vkey, options);
}

/** As {@link auditLog}, on any files. */
export async function auditFiles(files: LogFiles, vkey: string, options: AuditOptions = {}): Promise<AuditReport> {
  parseVkey(vkey);
  const since = options.since === undefined ? undefined : openCheckpoint(options.since, vkey);
  const defects = new Defects(options.maxDefects ?? 20);
  // Before the checkpoint: the writer remembers one after it has published it, so a sound log is never behind its memory.
  const [memory] = await Promise.allSettled([readHighWater(files, vkey)]);
  let checkpoint: Checkpoint | undefined;
  try {
    checkpoint = await defects.attempt(checkpointFile, () => readCheckpoint(files, vkey));
    if (checkpoint) {
      const tiles = new TileReader(files);
      await auditTree(files, tiles, checkpoint, defects, options.progress ?? silentProgress);
      if (since) await auditGrowth(tiles, since, checkpoint, defects);
      await auditMemory(tiles, memory, checkpoint, defects);
    } else {
      defects.add(checkpointFile, "it is missing");
    }
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  const { list, filesChecked, truncated } = defects;
  return { ok: list.length === 0, checkpoint, defects: list, truncated, filesChecked };
}

/** Compares with the checkpoint that a writer on this machine remembers; a copy of a log has none. */
async function auditMemory(
  tiles: TileReader,
  memory: PromiseSettledResult<Checkpoint | undefined>,
  checkpoint: Checkpoint,
  defects: Defects,
): Promise<void> {
  if (memory.status === "rejected") {
    await defects.attempt(highWaterFile, () => Promise.reject(memory.reason));
    return;
  }
  const { value: before } = memory;
  if (!before) return;
  await defects.attempt(checkpointFile, async () => checkNotRolledBack(checkpoint, before));
  // Damaged tiles would tell of a fork that is none.
  if (before.size < checkpoint.size && defects.list.length === 0) await auditGrowth(tiles, before, checkpoint, defects);
}

/** Builds the tree again from the entries and compares what it completes on the way. */
async function auditTree(
  files: LogFiles,
  tiles: TileReader,
  head: Checkpoint,
  defects: Defects,
  progress: Progress,
): Promise<void> {
  const { size, root } = head;
  const bundles = Math.ceil(size / tileWidth);
  const edge = new LogEdge();
  const compare = async (files: ReadonlyMap<string, Uint8Array>) => {
    for (const [path, expected] of files) {
      const { level, index } = parseTilePath(path);
      if (level === "entries") continue;
      const tile = await defects.attempt(path, () => tiles.tile(level, index, size));
      if (tile && !equalBytes(tile, expected)) defects.add(path, "its hashes are not those of the entries");
    }
  };
  for (let index = 0; index < bundles; index++) {
    progress.step("auditing", index, bundles);
    const completed = new Map<string, Uint8Array>();
    for (const hash of await leafHashes(tiles, index, size, defects))
      edge.append({ framed: new Uint8Array(0), hash }, completed);
    await compare(completed);
    await auditNarrower(files, tiles, [{ level: "entries", index }, ...hashTiles(completed.keys())], size, defects);
  }
  const partials = edge.partials();
  await compare(partials);
  await auditNarrower(files, tiles, hashTiles(partials.keys()), size, defects);
  progress.step("auditing", bundles, bundles);
  if (!equalBytes(edge.root(), root)) defects.add(checkpointFile, "its root hash is not that of the entries");
}

/** Which tiles of hashes these paths name. */
function hashTiles(paths: Iterable<string>): readonly TileName[] {
  return Array.from(paths, parseTilePath).filter(({ level }) => level !== "entries");
}

/**
 * Compares the narrower forms of tiles and bundles, which earlier checkpoints needed and which may stay: who reads the log as of
 * then takes them, so they must be the beginnings of what stands there now.
 */
async function auditNarrower(
  files: LogFiles,
  tiles: TileReader,
  names: readonly Pick<TileName, "level" | "index">[],
  size: number,
  defects: Defects,
): Promise<void> {
  for (const { level, index } of names) {
    const wide = widthAt(index, level === "entries" ? size : levelSize(level, size));
    for (const width of (await files.list(`${tilePath({ level, index, width: tileWidth })}.p`)).map(Number)) {
      // The widest was compared already; what is wider belongs to a checkpoint that is not published yet.
      if (!(Number.isInteger(width) && width >= 1 && width < wide)) continue;
      const path = tilePath({ level, index, width });
      await defects.attempt(path, async () => {
        const found = await files.read(path, maxBundleLength);
        const expected =
          level === "entries"
            ? concat(...(await tiles.bundle(index, size)).slice(0, width).map(encodeEntry))
            : (await tiles.tile(level, index, size)).subarray(0, width * hashLength);
        // A writer may have removed it since it was listed.
        if (found && !equalBytes(found, expected))
          defects.add(path, "it is not the beginning of what stands there now");
      });
    }
  }
}

/** The leaf hashes of a bundle's entries. When it is damaged its tile speaks for it, so that only real defects are reported. */
async function leafHashes(
  tiles: TileReader,
  index: number,
  size: number,
  defects: Defects,
): Promise<readonly Uint8Array[]> {
  const width = widthAt(index, size);
  const path = tilePath({ level: "entries", index, width });
  const entries = await defects.attempt(path, () => tiles.bundle(index, size));
  if (entries) return entries.map(leafHash);
  const tile = await tiles.tile(0, index, size).catch(() => Buffer.alloc(width * hashLength));
  return Array.from({ length: width }, (_, at) => hashInTile(tile, at));
}

async function auditGrowth(tiles: TileReader, before: Checkpoint, now: Checkpoint, defects: Defects): Promise<void> {
  if (before.size > now.size) {
    defects.add(checkpointFile, `it covers ${now.size} entries, but one for ${before.size} was signed before`);
    return;
  }
  const root = await defects.attempt(checkpointFile, () => treeRoot(tiles.hashes(now.size), before.size));
  if (root && !equalBytes(root, before.root))
    defects.add(checkpointFile, `the log was forked: its first ${before.size} entries are not those signed for before`);
}

/** Ends the audit when enough is known. */
class Enough extends Error {}

class Defects {
  readonly list: Defect[] = [];
  filesChecked = 0;
  truncated = false;
  readonly #most: number;

  constructor(most: number) {
    this.#most = Math.min(1000, Math.max(1, most));
  }

  /** Notes a defect, one per file. */
  add(file: string, problem: string): void {
    if (this.list.some((one) => one.file === file)) return;
    this.list.push({ file, problem });
    if (this.list.length < this.#most) return;
    this.truncated = true;
    throw new Enough();
  }

  /** What `read` gives; damage becomes a defect and undefined. */
  async attempt<T>(file: string, read: () => Promise<T>): Promise<T | undefined> {
    this.filesChecked += 1;
    try {
      return await read();
    } catch (error) {
      if (!isCastellanError(error, "INTEGRITY", "SIGNATURE", "MALFORMED", "LIMIT")) throw error;
      this.add(error.where ?? file, error.message);
      return undefined;
    }
  }
}
