import type { Signer } from "../core/ports.ts";
import type { Clock } from "../kit/clock.ts";
import { fail } from "../kit/errors.ts";
import { type Cosign, cosignedNote } from "./cosign-port.ts";
import type { FramedEntry } from "./edge.ts";
import { diskFiles, type LogFiles } from "./files.ts";
import { Integrator } from "./integrator.ts";
import { Journal } from "./journal.ts";
import { maxBatchBody } from "./journal-format.ts";
import { takeWriterLock, type WriterLock } from "./lock.ts";
import { leafHash } from "./merkle.ts";
import { ed25519NoteSigner, vkeyOf } from "./note.ts";
import { recoverLog } from "./recovery.ts";
import { encodeEntry } from "./tile.ts";

/** How far tiles and checkpoint may lag behind what was acknowledged, before the writer starts to catch up. */
const lagMs = 250;
const lagEntries = 4096;
/** How far before appending waits for them. */
const tailLimit = { entries: 131_072, bytes: 64 * 1024 * 1024 };
const maxBatchEntries = 16_384;
/** Most that may wait for the disk, for callers that do not wait for us. */
const queueLimit = 256 * 1024 * 1024;

export interface LogWriterOptions {
  /** Folder of the log; made when missing. */
  readonly dir: string;
  /** Names the log: first line of its checkpoints and name of its key. */
  readonly origin: string;
  /** The log's Ed25519 key. */
  readonly signer: Signer;
  /** Only for telling others since when the log is held; nothing depends on its being right. */
  readonly clock: Clock;
  /** How long to wait for another writer to finish; default 10 seconds. */
  readonly lockTimeoutMs?: number;
  /** Collects witnesses' signatures whenever {@link LogWriter.publish} has a new checkpoint. */
  readonly cosign?: Cosign;
}

/** The one writer of a log. */
export interface LogWriter {
  readonly origin: string;
  /** Number of acknowledged entries. */
  readonly size: number;
  /** The log's key as C2SP vkey. */
  readonly vkey: string;
  /**
   * Appends an entry of 0 to 65,535 bytes. Resolves once it is durable; concurrent calls share one disk sync.
   * Entries get consecutive indices in the order of the calls. A rejected entry is not on the log
   * (only when the process dies in that very moment can it turn up later).
   * @throws LIMIT for longer entries, and when far too many wait; STORAGE_FULL, IO; CONFLICT when the lock was taken away; USAGE once closed
   */
  append(entry: Uint8Array): Promise<{ index: number; leafHash: Uint8Array }>;
  /**
   * Brings tiles and checkpoint up to all entries acknowledged so far.
   * @returns the signed checkpoint note, cosigned when `cosign` was given
   * @throws STORAGE_FULL, IO, CONFLICT; whatever `cosign` throws, with the log's own checkpoint published
   */
  publish(): Promise<string>;
  /** Finishes appends under way, publishes without cosigning, lets the lock go. Nothing acknowledged is lost if it throws. */
  close(): Promise<void>;
}

/**
 * Opens the log for writing, after recovering from whatever happened to its last writer.
 * @throws BUSY when another writer holds it; INTEGRITY when its files contradict each other; SIGNATURE when the
 *   checkpoint is not by `signer`'s key under the name `origin`; UNSUPPORTED, STORAGE_FULL, IO
 */
export async function openLogWriter(options: LogWriterOptions): Promise<LogWriter> {
  const lock = await takeWriterLock(options.dir, options.lockTimeoutMs ?? 10_000, options.clock);
  try {
    return await startLogWriter(diskFiles(options.dir), lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** As {@link openLogWriter}, on any files, with the lock already held. */
export async function startLogWriter(
  files: LogFiles,
  lock: WriterLock,
  { origin, signer, cosign }: Pick<LogWriterOptions, "origin" | "signer" | "cosign">,
): Promise<LogWriter> {
  const vkey = vkeyOf(origin, signer.publicKey);
  const recovered = await recoverLog(files, origin, vkey);
  const integrator = new Integrator(files, ed25519NoteSigner(origin, signer), lock, recovered);
  await integrator.settle();
  if (recovered.journal.length > 0) await files.remove(recovered.journal);
  return new JournaledWriter({ files, origin, vkey, lock, integrator, cosign });
}

interface Waiting extends FramedEntry {
  readonly resolve: (place: { index: number; leafHash: Uint8Array }) => void;
  readonly reject: (error: unknown) => void;
}

interface Parts {
  readonly files: LogFiles;
  readonly origin: string;
  readonly vkey: string;
  readonly lock: WriterLock;
  readonly integrator: Integrator;
  readonly cosign: Cosign | undefined;
}

class JournaledWriter implements LogWriter {
  readonly origin: string;
  readonly vkey: string;
  readonly #files: LogFiles;
  readonly #lock: WriterLock;
  readonly #journal: Journal;
  readonly #integrator: Integrator;
  readonly #cosign: Cosign | undefined;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #background: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor({ files, origin, vkey, lock, integrator, cosign }: Parts) {
    this.origin = origin;
    this.vkey = vkey;
    this.#files = files;
    this.#lock = lock;
    this.#integrator = integrator;
    this.#cosign = cosign;
    this.#journal = new Journal(files, origin);
  }

  get size(): number {
    return this.#integrator.acknowledged;
  }

  async append(entry: Uint8Array): Promise<{ index: number; leafHash: Uint8Array }> {
    if (this.#closing) fail("USAGE", "the log was closed");
    const framed = encodeEntry(entry);
    if (this.#queuedBytes + framed.length > queueLimit)
      fail("LIMIT", {
        message: `more than ${queueLimit} bytes wait to be appended`,
        next: "Wait for earlier entries to be acknowledged before appending more.",
      });
    const hash = leafHash(entry);
    return new Promise((resolve, reject) => {
      this.#queue.push({ framed, hash, resolve, reject });
      this.#queuedBytes += framed.length;
      this.#flushing ??= this.#flush();
    });
  }

  async publish(): Promise<string> {
    if (this.#closing) fail("USAGE", "the log was closed");
    await this.#catchUp(this.size);
    return this.#cosign ? cosignedNote(this.#cosign, this.#integrator, this.#files, this.vkey) : this.#integrator.note;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#flushing;
      clearTimeout(this.#timer);
      await this.#background;
      let done = false;
      try {
        await this.#catchUp(this.size);
        done = true;
      } finally {
        await this.#journal.close(done);
      }
    } finally {
      this.#lock.release();
    }
  }

  /** Writes batch after batch until nobody waits. */
  async #flush(): Promise<void> {
    for (;;) {
      // One turn of the event loop: everybody who was just acknowledged can join the next batch.
      await new Promise(setImmediate);
      const batch = this.#takeBatch();
      if (batch.length === 0) break;
      try {
        await this.#makeRoom();
        this.#lock.check();
        const first = this.size;
        await this.#journal.append(
          first,
          batch.map(({ framed }) => framed),
        );
        this.#integrator.acknowledge(batch);
        for (const [i, { hash, resolve }] of batch.entries()) resolve({ index: first + i, leafHash: hash });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.#scheduleCatchUp();
    }
    this.#flushing = undefined;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { framed } of this.#queue) {
      if (count === maxBatchEntries || bytes + framed.length > maxBatchBody) break;
      bytes += framed.length;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #makeRoom(): Promise<void> {
    const { tailLength, tailBytes } = this.#integrator;
    if (tailLength >= tailLimit.entries || tailBytes >= tailLimit.bytes) await this.#catchUp(this.size - lagEntries);
  }

  #scheduleCatchUp(): void {
    const { tailLength } = this.#integrator;
    if (tailLength === 0 || this.#closing || this.#timer) return;
    const soon = tailLength >= lagEntries && !this.#integrator.failing;
    this.#timer = setTimeout(
      () => {
        // When it fails, all is safe in the journal; the next round, publish() or close() tries again and reports.
        this.#background = this.#catchUp(this.size)
          .catch(() => undefined)
          .then(() => {
            this.#timer = undefined;
            this.#scheduleCatchUp();
          });
      },
      soon ? 0 : lagMs,
    ).unref();
  }

  async #catchUp(target: number): Promise<void> {
    await this.#integrator.advance(target);
    await this.#journal.dropBelow(this.#integrator.published);
  }
}
