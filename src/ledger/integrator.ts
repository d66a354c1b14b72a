import { fail } from "../kit/errors.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import type { FramedEntry, LogEdge } from "./edge.ts";
import type { LogFiles } from "./files.ts";
import { checkpointFile, highWater, highWaterFile } from "./high-water.ts";
import type { WriterLock } from "./lock.ts";
import { type NoteSigner, signNote } from "./note.ts";
import type { RecoveredLog } from "./recovery.ts";

/** Most that goes into tiles under one checkpoint; bounds the memory of a round. */
const roundLimit = { entries: 16_384, bytes: 32 * 1024 * 1024 };

/** Entries hashed before the event loop gets its turn: about a millisecond. */
const entriesPerTurn = 512;

/**
 * Carries acknowledged entries into tiles and publishes checkpoints over them. Each round writes tiles, then the
 * checkpoint, then the high-water mark, each durable before the next, so that a crash leaves at worst tiles nobody refers
 * to. Rounds run one at a time.
 */
export class Integrator {
  readonly #files: LogFiles;
  readonly #signer: NoteSigner;
  readonly #lock: WriterLock;
  #edge: LogEdge;
  #tail: FramedEntry[];
  #tailBytes: number;
  #note: string | undefined;
  #remembered: boolean;
  #round: Promise<unknown> = Promise.resolve();
  #failing = false;

  constructor(files: LogFiles, signer: NoteSigner, lock: WriterLock, recovered: RecoveredLog) {
    this.#files = files;
    this.#signer = signer;
    this.#lock = lock;
    this.#edge = recovered.edge;
    this.#tail = [...recovered.tail];
    this.#tailBytes = this.#tail.reduce((sum, { framed }) => sum + framed.length, 0);
    this.#note = recovered.checkpoint?.note;
    this.#remembered = recovered.remembered;
  }

  /** Entries that are durable, in tiles or in the journal. */
  get acknowledged(): number {
    return this.#edge.size + this.#tail.length;
  }

  /** Entries the published checkpoint covers. */
  get published(): number {
    return this.#edge.size;
  }

  /** The published checkpoint. */
  get note(): string {
    return this.#note ?? fail("INTERNAL", "the log has no checkpoint yet");
  }

  get tailLength(): number {
    return this.#tail.length;
  }

  get tailBytes(): number {
    return this.#tailBytes;
  }

  /** True when the last round failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Takes over entries that have become durable. */
  acknowledge(entries: readonly FramedEntry[]): void {
    for (const { framed, hash } of entries) {
      this.#tail.push({ framed, hash });
      this.#tailBytes += framed.length;
    }
  }

  /** After opening: publishes what recovery found, so that the journal it came from can go. */
  async settle(): Promise<void> {
    if (this.#note === undefined) await this.exclusively(() => this.#advanceOnce());
    await this.advance(this.acknowledged);
  }

  /** Runs rounds until the published checkpoint covers `target` entries. @throws STORAGE_FULL, IO, CONFLICT */
  async advance(target: number): Promise<void> {
    while (this.#edge.size < target)
      await this.exclusively(async () => {
        if (this.#edge.size < target) await this.#advanceOnce();
      });
    if (!this.#remembered) await this.exclusively(() => this.#remember());
  }

  /** Replaces the published note by the same checkpoint with more signatures. Only inside {@link exclusively}. */
  async republish(note: string): Promise<void> {
    this.#lock.check();
    await this.#files.replace(new Map([[checkpointFile, Buffer.from(note)]]));
    this.#note = note;
  }

  /** Runs `work` while no round runs. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#round.then(work);
    this.#round = run.catch(() => undefined);
    return run;
  }

  async #advanceOnce(): Promise<void> {
    this.#failing = true;
    this.#lock.check();
    const edge = this.#edge.clone();
    const files = new Map<string, Uint8Array>();
    const before = edge.size;
    let bytes = 0;
    for (const entry of this.#tail) {
      const count = edge.size - before;
      if (count >= roundLimit.entries || (count > 0 && bytes + entry.framed.length > roundLimit.bytes)) break;
      edge.append(entry, files);
      bytes += entry.framed.length;
      // Hashing must not keep appends from being acknowledged.
      if (count % entriesPerTurn === 0) await new Promise(setImmediate);
    }
    const full = [...files.keys()];
    for (const [path, tile] of edge.partials()) files.set(path, tile);
    if (files.size > 0) await this.#files.replace(files);
    const checkpoint = { origin: this.#signer.name, size: edge.size, root: edge.root(), extensions: [] };
    const note = await signNote(formatCheckpoint(checkpoint), [this.#signer]);
    await this.republish(note);
    this.#edge = edge;
    this.#tail.splice(0, edge.size - before);
    this.#tailBytes -= bytes;
    this.#remembered = false;
    await this.#remember();
    this.#failing = false;
    // A full tile makes its partial forms superfluous; readers of older checkpoints take the full one. No harm if they stay.
    if (full.length > 0) await this.#files.remove(full.map((path) => `${path}.p`)).catch(() => undefined);
  }

  async #remember(): Promise<void> {
    await this.#files.replace(new Map([[highWaterFile, highWater(this.note)]]));
    this.#remembered = true;
  }
}
