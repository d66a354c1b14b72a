import { fail } from "../../kit/errors.ts";
import type { ScanLimits } from "../../scan/budget.ts";
import type { ScanEvent } from "../../scan/events.ts";
import { describeStep, stepOfKey } from "../../scan/guard.ts";
import { raising } from "../../scan/spending.ts";
import type { JobQueue } from "./job-queue.ts";
import type { Job, WorkerMessage, WorkerStart } from "./protocol.ts";
import { startWorker } from "./worker-thread.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface PoolOptions {
  readonly start: Omit<WorkerStart, "board">;
  readonly workers: number;
  readonly signal: AbortSignal;
  /** Resident memory of the process from which on the busiest worker is ended. */
  readonly memoryBytes: number;
  emit(event: ScanEvent): void;
  fileDone(): void;
}

/** What a worker is granted beyond its own cooperative limits before it is ended from outside. */
const graceMs = 1500;
/** How often one file may cost a worker its life. */
const attemptLimit = 5;

/**
 * Examines all files of `queue` in worker threads. A worker that hangs, runs out of memory or crashes is ended; the step it was
 * at is reported as incomplete, the file is examined again without it, and the rest goes on.
 * @throws INTERNAL when workers cannot be started at all
 */
export async function runPool(queue: JobQueue, options: PoolOptions): Promise<void> {
  const pool = new Pool(queue, options);
  const stop = (): void => pool.stop();
  options.signal.addEventListener("abort", stop);
  const watch = setInterval(() => pool.watch(performance.now()), 100);
  try {
    if (options.signal.aborted) stop();
    await pool.run();
  } finally {
    clearInterval(watch);
    options.signal.removeEventListener("abort", stop);
    await pool.close();
  }
}

class Pool {
  readonly #queue: JobQueue;
  readonly #options: PoolOptions;
  readonly #limits: ScanLimits;
  readonly #threads = new Set<WorkerThread>();
  readonly #ended = Promise.withResolvers<void>();
  #stopped = false;

  constructor(queue: JobQueue, options: PoolOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#limits = options.start.limits;
  }

  run(): Promise<void> {
    this.#grow();
    return this.#ended.promise;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const { jobs } of this.#threads) {
      for (const { file } of jobs) this.#incomplete(file.path, "the scan was stopped before it was examined");
    }
    this.#incomplete("", "the scan was stopped; what came after was not looked at");
    this.#ended.resolve();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
  }

  /** Ends workers that stopped making progress or take too much memory. */
  watch(now: number): void {
    const busy = [...this.#threads].filter(({ idle, jobs }) => !idle && jobs.length > 0);
    for (const thread of busy) {
      const stalled = thread.stalled(now);
      const { running } = thread.state();
      if (running && stalled > this.#limits.stepSeconds * 1000 + graceMs) {
        this.#end(thread, `did not finish within ${this.#limits.stepSeconds} seconds and was ended`);
      } else if (thread.onFile(now) > this.#limits.fileSeconds * 1000 + 2 * graceMs) {
        this.#end(thread, `did not finish within ${this.#limits.fileSeconds} seconds and was ended`, true);
      }
    }
    if (process.memoryUsage.rss() > this.#options.memoryBytes) {
      const greedy = busy
        .filter((thread) => this.#threads.has(thread))
        .sort((a, b) => b.stalled(now) - a.stalled(now))[0];
      if (greedy) this.#end(greedy, "used more memory than a scan may and was ended");
    }
  }

  #grow(): void {
    if (this.#stopped) return;
    if (this.#queue.empty) {
      if ([...this.#threads].every(({ idle }) => idle)) this.#ended.resolve();
      return;
    }
    if (this.#threads.size >= this.#options.workers) return;
    const thread = startWorker(this.#options.start, {
      message: (from, message) => this.#message(from, message),
      died: (from, ending, why) =>
        this.#died(from, ending === "memory" ? "ran out of memory" : `crashed (${why})`, why),
    });
    this.#threads.add(thread);
  }

  #message(thread: WorkerThread, message: WorkerMessage): void {
    if (message.kind === "done") {
      for (const event of message.events) this.#options.emit(event);
      this.#options.fileDone();
      return;
    }
    try {
      const jobs = this.#queue.batch();
      if (jobs.length > 0) thread.send(jobs);
      this.#grow();
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  #died(thread: WorkerThread, how: string, why: string): void {
    if (thread.jobs.length === 0) {
      this.#threads.delete(thread);
      try {
        fail("INTERNAL", `a worker thread of the scan cannot be started: ${why}`);
      } catch (error) {
        this.#ended.reject(error);
      }
      return;
    }
    this.#recover(thread, how);
  }

  #end(thread: WorkerThread, how: string, whole = false): void {
    void thread.stop();
    this.#recover(thread, how, whole);
  }

  /** Gives a lost worker's files back to the queue, the one it was at without the step it was at. */
  #recover(thread: WorkerThread, how: string, whole = false): void {
    const { file: index, running, step } = thread.state();
    this.#threads.delete(thread);
    const at = thread.jobs.find((job) => job.index === index);
    const again: Job[] = thread.jobs.filter((job) => job !== at);
    if (at && running && !whole && (at.refused?.length ?? 0) < attemptLimit) {
      const why = `${describeStep(stepOfKey(step))} ${how}`;
      again.unshift({ ...at, refused: [...(at.refused ?? []), [step, why]] });
    } else if (at) {
      this.#incomplete(at.file.path, `examining it ${how}`);
      this.#options.fileDone();
    }
    this.#queue.giveBack(again);
    this.#grow();
  }

  #incomplete(path: string, why: string): void {
    const next = /within/.test(why) ? { next: raising("stepSeconds") } : {};
    this.#options.emit({ kind: "incomplete", entry: { path, why, ...next } });
  }
}
