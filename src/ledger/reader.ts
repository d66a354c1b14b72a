import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { equalBytes, textOf } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { diskFiles, type LogFiles } from "./files.ts";
import { checkpointFile, damageOf } from "./high-water.ts";
import { consistencyProof, inclusionProof, leafHash, treeRoot, verifyInclusion } from "./merkle.ts";
import { noteLimits, parseNote } from "./note.ts";
import { hashInTile, tilePath, tileWidth, widthAt } from "./tile.ts";
import { TileReader } from "./tile-reader.ts";

/** Reads a log as of its newest checkpoint; needs no lock and sees a consistent log while a writer goes on. */
export interface LogReader {
  /** Number of entries of the newest checkpoint read so far: at opening, or at the last {@link checkpointText}. */
  readonly size: number;
  /** The checkpoint note as it is now; from here on the reader reads up to it. @throws INTEGRITY, SIGNATURE, NOT_FOUND */
  checkpointText(): Promise<string>;
  /** @throws USAGE when there is no such entry; INTEGRITY when entry and tile disagree */
  entry(index: number): Promise<Uint8Array>;
  /** Entries `from` up to, not including, `to` (default: the end), one bundle in memory at a time. @throws USAGE, INTEGRITY */
  entries(from?: number, to?: number): AsyncIterable<Uint8Array>;
  /** Audit path of an entry in the tree of `size` entries (default: all). @throws USAGE, INTEGRITY */
  inclusionProof(index: number, size?: number): Promise<Uint8Array[]>;
  /** Proof that the first `newer` entries (default: all) extend the first `older`. @throws USAGE, INTEGRITY */
  consistencyProof(older: number, newer?: number): Promise<Uint8Array[]>;
  /** Root hash of the first `size` entries (default: all). @throws USAGE, INTEGRITY */
  root(size?: number): Promise<Uint8Array>;
}

export interface LogReaderOptions {
  /** The log's key; when given, the checkpoint's signature is verified, otherwise it is taken as it is. */
  readonly vkey?: string;
}

/** Opens the log in folder `dir` for reading. @throws NOT_FOUND when there is none; INTEGRITY, SIGNATURE */
export function openLogReader(dir: string, options: LogReaderOptions = {}): LogReader {
  const path = join(dir, checkpointFile);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return noLog(dir);
  if (!stat.isFile() || stat.size > noteLimits.bytes)
    return fail("INTEGRITY", { message: "the checkpoint is too long, or no plain file", where: path });
  return logReader(diskFiles(dir), readFileSync(path), dir, options.vkey);
}

/** The reader over any files, starting from checkpoint `note`. */
export function logReader(files: LogFiles, note: Uint8Array, where: string, vkey: string | undefined): LogReader {
  const tiles = new TileReader(files);
  let head = headOf(note, vkey, where);

  const range = (from: number, to: number) => {
    if (![from, to].every((n) => Number.isSafeInteger(n) && n >= 0) || from > to || to > head.size)
      fail("USAGE", `the log has ${head.size} entries, so not ${from} to ${to}`);
  };
  /** Bundle `index` with every entry checked against its leaf hash. */
  const bundle = async (index: number): Promise<Uint8Array[]> => {
    const { size } = head;
    const entries = await tiles.bundle(index, size);
    const tile = await tiles.tile(0, index, size);
    for (const [i, entry] of entries.entries())
      if (!equalBytes(leafHash(entry), hashInTile(tile, i)))
        fail("INTEGRITY", {
          message: `entry ${index * tileWidth + i} does not have the hash in its tile`,
          where: tilePath({ level: "entries", index, width: widthAt(index, size) }),
        });
    return entries;
  };

  return {
    get size() {
      return head.size;
    },
    async checkpointText() {
      const bytes = (await files.read(checkpointFile, noteLimits.bytes)) ?? noLog(where);
      const next = headOf(bytes, vkey, where);
      if (next.size < head.size)
        fail("INTEGRITY", {
          message: `the log was rolled back from ${head.size} to ${next.size} entries while it was read`,
          where: checkpointFile,
        });
      head = next;
      return head.note;
    },
    async entry(index) {
      range(index, index + 1);
      return (await bundle(Math.floor(index / tileWidth)))[index % tileWidth]!;
    },
    async *entries(from = 0, to = head.size) {
      range(from, to);
      for (let index = Math.floor(from / tileWidth); index * tileWidth < to; index++) {
        const start = index * tileWidth;
        yield* (await bundle(index)).slice(Math.max(0, from - start), to - start);
      }
    },
    async inclusionProof(index, size = head.size) {
      range(index, size);
      const { root, size: whole } = head;
      const proof = await inclusionProof(tiles.hashes(whole), index, size);
      if (size === whole) {
        // The checkpoint tells whether the tiles that gave the proof are sound.
        const tile = await tiles.tile(0, Math.floor(index / tileWidth), whole);
        verifyInclusion(index, size, hashInTile(tile, index % tileWidth), root, proof);
      }
      return proof;
    },
    async consistencyProof(older, newer = head.size) {
      range(older, newer);
      return consistencyProof(tiles.hashes(head.size), older, newer);
    },
    async root(size = head.size) {
      range(0, size);
      return treeRoot(tiles.hashes(head.size), size);
    },
  };
}

function headOf(bytes: Uint8Array, vkey: string | undefined, where: string): Checkpoint & { readonly note: string } {
  if (bytes.length > noteLimits.bytes) fail("INTEGRITY", { message: "the checkpoint is too long", where });
  return damageOf(checkpointFile, () => {
    const note = textOf(bytes, "the checkpoint");
    const checkpoint = vkey === undefined ? parseCheckpoint(parseNote(note).text) : openCheckpoint(note, vkey);
    return { ...checkpoint, note };
  });
}

function noLog(where: string): never {
  return fail("NOT_FOUND", {
    message: "there is no log here: a log has a file named checkpoint",
    where,
    next: "Give the folder that holds the checkpoint and the folder tile.",
  });
}
