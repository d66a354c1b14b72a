import type { Discovery, FoundFile } from "./discovery.ts";
import type { Job } from "./protocol.ts";

/** Files of a batch, and bytes of it, at most. */
const batchFiles = 32;
const batchBytes = 4 * 1024 * 1024;

/** What is still to do: jobs given back first, then what discovery finds, read no further ahead than needed. */
export interface JobQueue {
  /** True when nothing is left. */
  readonly empty: boolean;
  /** The next jobs for one worker; none when nothing is left. */
  batch(): readonly Job[];
  /** Puts jobs back, to be done by themselves. */
  giveBack(jobs: readonly Job[]): void;
  readonly files: number;
  readonly bytes: number;
}

/** A queue over lazily discovered files. @param other takes what discovery says besides */
export function jobQueue(
  discovered: Iterator<Discovery>,
  other: (entry: Exclude<Discovery, { kind: "file" }>) => void,
): JobQueue {
  const returned: Job[] = [];
  let ahead: FoundFile | undefined;
  let done = false;
  let files = 0;
  let bytes = 0;
  const peek = (): FoundFile | undefined => {
    while (!ahead && !done) {
      const next = discovered.next();
      if (next.done) done = true;
      else if (next.value.kind === "file") ahead = next.value.file;
      else other(next.value);
    }
    return ahead;
  };
  return {
    get empty() {
      return returned.length === 0 && peek() === undefined;
    },
    batch() {
      const again = returned.shift();
      if (again) return [again];
      const jobs: Job[] = [];
      for (let size = 0, file = peek(); file && jobs.length < batchFiles && size < batchBytes; file = peek()) {
        jobs.push({ index: files++, file });
        size += file.size;
        bytes += file.size;
        ahead = undefined;
      }
      return jobs;
    },
    giveBack: (jobs) => void returned.push(...jobs),
    get files() {
      return files;
    },
    get bytes() {
      return bytes;
    },
  };
}
