import { fail, isCastellanError } from "../kit/errors.ts";
import type { AppendFile, LogFiles } from "./files.ts";
import { chainOf, encodeBatch, maxSegmentLength, readSegment, segmentHead, segmentLimit } from "./journal-format.ts";

export const journalFolder = "journal";

interface OpenSegment {
  readonly path: string;
  readonly file: AppendFile;
  readonly first: number;
  /** Durable bytes, and the index after the last durable entry. */
  length: number;
  end: number;
  chain: Uint8Array;
  /** True when bytes beyond `length` may be there. */
  littered: boolean;
}

/** Appends batches of entries durably. One batch at a time; the caller serialises. */
export class Journal {
  readonly #files: LogFiles;
  readonly #origin: string;
  #current: OpenSegment | undefined;
  #full: { readonly path: string; readonly end: number }[] = [];
  #broken: unknown;

  constructor(files: LogFiles, origin: string) {
    this.#files = files;
    this.#origin = origin;
  }

  /**
   * Makes framed entries durable as numbers `first`, `first + 1` … When it rejects, none of them counts
   * (after a crash they may turn up nevertheless: they were written, only nobody was told).
   * @throws STORAGE_FULL and can be called again later; IO, after which the log must be opened anew
   */
  async append(first: number, framed: readonly Uint8Array[]): Promise<void> {
    if (this.#broken)
      fail("IO", {
        message: "an earlier write to the log failed in a way that leaves open what is on the disk",
        next: "Open the log again; it checks what is there.",
        cause: this.#broken,
      });
    const segment = await this.#segmentFor(first);
    if (segment.littered) await this.#sweep(segment);
    const head = segment.length === 0 ? segmentHead(this.#origin, first) : undefined;
    const batch = encodeBatch(head ? chainOf(head) : segment.chain, first, framed);
    const bytes = head ? Buffer.concat([head, batch]) : batch;
    try {
      await segment.file.write(bytes, segment.length);
      await segment.file.sync();
    } catch (error) {
      segment.littered = true;
      // After a failed sync other than for lack of space the kernel may have dropped the pages: trust nothing.
      if (!isCastellanError(error, "STORAGE_FULL")) this.#broken = error;
      else await this.#sweep(segment).catch(() => undefined);
      throw error;
    }
    segment.length += bytes.length;
    segment.end = first + framed.length;
    segment.chain = chainOf(batch);
  }

  /** Removes full segments whose entries are all below `index`, which must be durable elsewhere. */
  async dropBelow(index: number): Promise<void> {
    const done = this.#full.filter(({ end }) => end <= index);
    if (done.length === 0) return;
    await this.#files.remove(done.map(({ path }) => path));
    this.#full = this.#full.filter((segment) => !done.includes(segment));
  }

  /** Closes the journal; with `empty` (all of it is durable elsewhere) also removes it. */
  async close(empty: boolean): Promise<void> {
    await this.#current?.file.close();
    const paths = [...this.#full.map(({ path }) => path), ...(this.#current ? [this.#current.path] : [])];
    this.#current = undefined;
    if (empty && paths.length > 0) await this.#files.remove(paths);
  }

  async #segmentFor(first: number): Promise<OpenSegment> {
    const current = this.#current;
    if (current && current.length < segmentLimit) return current;
    if (current) {
      // Only the last segment may end in rubbish, so this one must be clean before there is a next.
      if (current.littered) await this.#sweep(current);
      this.#current = undefined;
      this.#full.push({ path: current.path, end: current.end });
      await current.file.close();
    }
    const path = segmentPath(first);
    const file = await this.#files.create(path);
    this.#current = { path, file, first, length: 0, end: first, chain: new Uint8Array(0), littered: false };
    return this.#current;
  }

  async #sweep(segment: OpenSegment): Promise<void> {
    await segment.file.truncate(segment.length);
    segment.littered = false;
  }
}

export interface ReplayedJournal {
  /** Index of the first entry. */
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  /** All files of the journal. */
  readonly paths: readonly string[];
}

/**
 * The journal's entries from the segment on that entry `published` stands in (or would stand in next), or undefined when
 * there is no journal. Earlier segments are left aside: a crash while they were removed may have left any of them.
 * @throws INTEGRITY when it is damaged, has a gap, or belongs to another log
 */
export async function replayJournal(
  files: LogFiles,
  origin: string,
  published: number,
): Promise<ReplayedJournal | undefined> {
  const starts = (await files.list(journalFolder)).map(indexOfName).sort((a, b) => a - b);
  const first = starts.findLast((start) => start <= published) ?? starts[0];
  if (first === undefined) return undefined;
  const entries: Uint8Array[] = [];
  for (const start of starts.filter((one) => one >= first)) {
    const path = segmentPath(start);
    if (start !== first + entries.length)
      fail("INTEGRITY", {
        message: `the journal has a gap: entry ${first + entries.length} should follow, but ${start} does`,
        where: path,
      });
    const bytes = (await files.read(path, maxSegmentLength)) ?? new Uint8Array(0);
    for (const entry of readSegment(bytes, origin, start, start === starts.at(-1), path)) entries.push(entry);
  }
  return { first, entries, paths: starts.map(segmentPath) };
}

function segmentPath(first: number): string {
  return `${journalFolder}/${String(first).padStart(16, "0")}.log`;
}

function indexOfName(name: string): number {
  const digits = /^(\d{16})\.log$/.exec(name)?.[1];
  return digits === undefined
    ? fail("INTEGRITY", {
        message: `"${name.slice(0, 80)}" does not belong into the journal`,
        where: journalFolder,
        next: "Move it elsewhere; if you do not know where it came from, audit the log.",
      })
    : Number(digits);
}
