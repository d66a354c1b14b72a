// A worker thread of the scan: examines the files it is sent, one after the other, and writes on its board what it is doing.
import { parentPort, workerData } from "node:worker_threads";
import { checkLibrary } from "../../scan/check-library.ts";
import type { CheckEntry } from "../../scan/check-list.ts";
import type { ScanEvent } from "../../scan/events.ts";
import { stepKey } from "../../scan/guard.ts";
import type { Guard } from "../../scan/guard.ts";
import { readerLibrary } from "../../scan/reader-library.ts";
import type { Reader } from "../../scan/reader.ts";
import { examineFile } from "./examine-file.ts";
import { boardWriter } from "./progress-board.ts";
import type { Job, WorkerMessage, WorkerStart } from "./protocol.ts";
import { temporarySpool } from "./temporary-spool.ts";

const start = workerData as WorkerStart;
const port = parentPort!;
const lists = (await import(start.lists)) as { checkIndex: readonly CheckEntry[]; readers: readonly Reader[] };
const board = boardWriter(start.board);
const tools = {
  readers: readerLibrary(lists.readers),
  library: checkLibrary(lists.checkIndex, start.choice),
  spool: temporarySpool(),
  limits: start.limits,
  now: () => performance.now(),
};

function guardFor(job: Job): Guard {
  const refused = new Map(job.refused);
  return {
    run(step, work) {
      board.begin(stepKey(step));
      try {
        return work();
      } finally {
        board.end();
      }
    },
    refused: (step) => (refused.size === 0 ? undefined : refused.get(stepKey(step))),
  };
}

async function work(jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    board.file(job.index);
    const events: ScanEvent[] = [];
    await examineFile(job.file, { ...tools, guard: guardFor(job) }, (event) => events.push(event));
    port.postMessage({ kind: "done", index: job.index, events } satisfies WorkerMessage);
  }
  port.postMessage({ kind: "idle" } satisfies WorkerMessage);
}

port.on("message", (jobs: readonly Job[]) => void work(jobs));
port.postMessage({ kind: "idle" } satisfies WorkerMessage);
