import { Worker } from "node:worker_threads";
import { newBoard, readBoard } from "./progress-board.ts";
import type { BoardState } from "./progress-board.ts";
import type { Job, WorkerMessage, WorkerStart } from "./protocol.ts";

/** How a worker thread ended. */
export type Ending = "memory" | "crash";

/** One worker thread as main sees it. */
export interface WorkerThread {
  /** Jobs sent and not yet done, in order. */
  readonly jobs: readonly Job[];
  /** True when it waits for jobs. */
  readonly idle: boolean;
  send(jobs: readonly Job[]): void;
  state(): BoardState;
  /** Milliseconds since the board last changed, as far as calls of this function have seen. */
  stalled(now: number): number;
  /** Milliseconds since it began the file it is at, as far as calls of {@link stalled} have seen. */
  onFile(now: number): number;
  stop(): Promise<void>;
}

export interface WorkerEvents {
  message(thread: WorkerThread, message: WorkerMessage): void;
  /** It died by itself. @param why its error's message */
  died(thread: WorkerThread, ending: Ending, why: string): void;
}

/** Megabytes of JavaScript heap a worker may use: its parsers' structures, and not a hostile file's wishes. */
const heapMegabytes = 320;

/** Starts a worker thread. */
export function startWorker(start: Omit<WorkerStart, "board">, events: WorkerEvents): WorkerThread {
  const board = newBoard();
  const name = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  const worker = new Worker(new URL(name, import.meta.url), {
    workerData: { ...start, board } satisfies WorkerStart,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    // Only where temporary files go: a worker needs no secret, and a defect in it shall not leak one.
    env: Object.fromEntries(
      ["TMPDIR", "TMP", "TEMP"].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  let jobs: readonly Job[] = [];
  let idle = false;
  let ended = false;
  let seen = { steps: -1, file: -1, changed: 0, fileSince: 0 };
  const look = (now: number): void => {
    const { steps, file } = readBoard(board);
    if (steps === seen.steps) return;
    seen = { steps, file, changed: now, fileSince: file === seen.file ? seen.fileSince : now };
  };
  const end = (ending: Ending, why: string): void => {
    if (ended) return;
    ended = true;
    events.died(thread, ending, why);
  };
  const thread: WorkerThread = {
    get jobs() {
      return jobs;
    },
    get idle() {
      return idle;
    },
    send(more) {
      jobs = more;
      idle = false;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      worker.postMessage(more);
    },
    state: () => readBoard(board),
    stalled(now) {
      look(now);
      return now - seen.changed;
    },
    onFile(now) {
      look(now);
      return now - seen.fileSince;
    },
    async stop() {
      ended = true;
      await worker.terminate();
    },
  };
  worker.on("message", (message: WorkerMessage) => {
    if (ended) return;
    if (message.kind === "idle") idle = true;
    else jobs = jobs.filter(({ index }) => index !== message.index);
    events.message(thread, message);
  });
  worker.on("error", (error: NodeJS.ErrnoException) => {
    end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "crash", error.message);
  });
  worker.on("exit", (code) => end("crash", `its thread ended with code ${code}`));
  return thread;
}
