import { availableParallelism } from "node:os";
import type { Need } from "../../core/check.ts";
import type { Clock } from "../../kit/clock.ts";
import { timestamp } from "../../kit/clock.ts";
import { silentProgress } from "../../kit/progress.ts";
import type { Progress } from "../../kit/progress.ts";
import type { BaselineEntry } from "../../scan/baseline.ts";
import { defaultLimits } from "../../scan/budget.ts";
import type { ScanLimits } from "../../scan/budget.ts";
import { checkLibrary } from "../../scan/check-library.ts";
import type { CheckChoice } from "../../scan/check-library.ts";
import type { CheckEntry } from "../../scan/check-list.ts";
import { Collector } from "../../scan/collector.ts";
import { dayOf } from "../../scan/day.ts";
import { readerLibrary } from "../../scan/reader-library.ts";
import type { Reader } from "../../scan/reader.ts";
import type { ScanReport } from "../../core/scan.ts";
import type { SuppressionRule } from "../../scan/suppression-file.ts";
import { packageVersion } from "../package-root.ts";
import { discover } from "./discover.ts";
import type { Discovery } from "./discovery.ts";
import { examineInProcess, inProcessLimit, interruptible } from "./in-process.ts";
import { jobQueue } from "./job-queue.ts";
import type { JobQueue } from "./job-queue.ts";
import { temporarySpool } from "./temporary-spool.ts";
import { runPool } from "./worker-pool.ts";

/** How to scan. Everything has a default that examines as much as possible. */
export interface ScanOptions {
  /** What relative paths start from, and what reported paths are relative to; default the process's. */
  readonly cwd?: string;
  /** Prefixes of check ids; default all checks. */
  readonly only?: readonly string[];
  /** Use no network; default true. */
  readonly offline?: boolean;
  /** Respect .gitignore and .castellanignore; default true. */
  readonly ignore?: boolean;
  readonly limits?: Partial<ScanLimits>;
  readonly rules?: readonly SuppressionRule[];
  readonly baseline?: readonly BaselineEntry[];
  /** Worker threads; default one per processor, at most 8. 0: examine on this thread (a hung check is interrupted, a greedy one is not). */
  readonly workers?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  readonly clock?: Clock;
  /** URL of a module that exports `checkIndex` and `readers`; default this installation's. */
  readonly lists?: string;
  /** Resident memory of the whole process from which on a worker is ended. */
  readonly memoryBytes?: number;
}

/**
 * Scans files and folders with all static checks.
 * @throws NOT_FOUND, FORBIDDEN, UNSUPPORTED for a path that cannot be scanned at all; everything below it is in the report
 */
export async function scanPaths(paths: readonly string[], options: ScanOptions = {}): Promise<ScanReport> {
  return scanDiscovered(
    (modelExtension) =>
      discover(paths, { cwd: options.cwd ?? process.cwd(), ignore: options.ignore ?? true, modelExtension }),
    options,
  );
}

/** {@link scanPaths} for files found in another way. @param discovered is told which extensions model files carry */
export async function scanDiscovered(
  discovered: (modelExtension: (extension: string) => boolean) => Iterator<Discovery>,
  options: ScanOptions = {},
): Promise<ScanReport> {
  const clock = options.clock ?? { now: () => Date.now() };
  const startedAt = timestamp(clock);
  const started = performance.now();
  const url =
    options.lists ?? new URL(import.meta.url.endsWith(".ts") ? "./lists.ts" : "./lists.js", import.meta.url).href;
  const lists = (await import(url)) as { checkIndex: readonly CheckEntry[]; readers: readonly Reader[] };
  const readers = readerLibrary(lists.readers);
  const offers: readonly Need[] = options.offline === false ? ["network", "advisories"] : ["advisories"];
  const choice: CheckChoice = { ...(options.only ? { only: options.only } : {}), offers };
  const limits = { ...defaultLimits, ...options.limits };
  const library = checkLibrary(lists.checkIndex, choice);
  const collector = new Collector();
  for (const { why } of library.left) collector.add({ kind: "skipped", entry: { path: "", why } });

  const queue = jobQueue(
    discovered((extension) => readers.expected(extension).length > 0),
    (entry) => collector.add(entry),
  );
  const progress = options.progress ?? silentProgress;
  let done = 0;
  const fileDone = (): void => progress.step("files scanned", ++done);
  const spool = temporarySpool();
  const tools = { readers, library, spool, limits, now: () => performance.now() };

  if (!(await scanHere(queue, tools, options, collector, fileDone))) {
    const workers = options.workers ?? Math.min(8, availableParallelism());
    await runPool(queue, {
      start: { limits, choice, lists: url },
      workers: Math.max(1, workers),
      signal: options.signal ?? new AbortController().signal,
      memoryBytes: options.memoryBytes ?? (300 + 400 * Math.max(1, workers)) * 1024 * 1024,
      emit: (event) => collector.add(event),
      fileDone,
    });
  }
  return collector.report({
    version: packageVersion(),
    startedAt,
    seconds: Math.round(performance.now() - started) / 1000,
    files: queue.files,
    bytes: queue.bytes,
    ...(options.only?.length
      ? { notes: [`only checks whose id starts with ${options.only.join(" or ")} were run: the verdicts say no more`] }
      : {}),
    suppressions: { rules: options.rules ?? [], baseline: options.baseline ?? [], today: dayOf(clock.now()) },
  });
}

/** Examines on this thread what needs no worker. @returns false when there is work left for workers */
async function scanHere(
  queue: JobQueue,
  tools: Parameters<typeof examineInProcess>[1],
  options: ScanOptions,
  collector: Collector,
  fileDone: () => void,
): Promise<boolean> {
  const always = options.workers === 0;
  const guard = interruptible(tools.limits.stepSeconds * 1000);
  for (let jobs = queue.batch(); ; jobs = queue.batch()) {
    const [first] = jobs;
    if (!first) return true;
    const single = jobs.length === 1 && first.file.size <= inProcessLimit && queue.empty;
    if (!always && !single) {
      queue.giveBack(jobs);
      return false;
    }
    for (const job of jobs) {
      const events = await examineInProcess(job.file, tools, guard, always);
      if (!events) {
        queue.giveBack([job]);
        return false;
      }
      for (const event of events) collector.add(event);
      fileDone();
    }
  }
}
