import type { ByteSource } from "../../core/byte-source.ts";
import type { ScanReport } from "../../core/scan.ts";
import { timestamp } from "../../kit/clock.ts";
import { defaultLimits } from "../../scan/budget.ts";
import { checkLibrary } from "../../scan/check-library.ts";
import { Collector } from "../../scan/collector.ts";
import { dayOf } from "../../scan/day.ts";
import { examine } from "../../scan/examine.ts";
import { readerLibrary } from "../../scan/reader-library.ts";
import { readers } from "../../scan/readers.gen.ts";
import { checkIndex } from "../checks.gen.ts";
import { packageVersion } from "../package-root.ts";
import { interruptible } from "./in-process.ts";
import type { ScanOptions } from "./run-scan.ts";
import { temporarySpool } from "./temporary-spool.ts";

/** A file of which only the bytes are known. */
export interface SourceFile {
  readonly path: string;
  readonly source: ByteSource;
}

/**
 * Examines bytes on this thread, without worker threads: a step that hangs is interrupted, but nothing protects this process from
 * one that takes too much memory beyond what parsers promise. For files on disk {@link scanPaths} is the safer way.
 */
export async function scanSources(files: Iterable<SourceFile>, options: ScanOptions = {}): Promise<ScanReport> {
  const clock = options.clock ?? { now: () => Date.now() };
  const startedAt = timestamp(clock);
  const started = performance.now();
  const limits = { ...defaultLimits, ...options.limits };
  const collector = new Collector();
  const tools = {
    readers: readerLibrary(readers),
    library: checkLibrary(checkIndex, { ...(options.only ? { only: options.only } : {}), offers: ["advisories"] }),
    guard: interruptible(limits.stepSeconds * 1000),
    spool: temporarySpool(),
    limits,
    now: () => performance.now(),
    stopped: () => options.signal?.aborted === true,
  };
  let count = 0;
  let bytes = 0;
  for (const { path, source } of files) {
    count++;
    bytes += source.size;
    if (tools.stopped()) collector.add({ kind: "incomplete", entry: { path, why: "the scan was stopped" } });
    else await examine({ path, source, named: true }, tools, (event) => collector.add(event));
  }
  return collector.report({
    version: packageVersion(),
    startedAt,
    seconds: Math.round(performance.now() - started) / 1000,
    files: count,
    bytes,
    suppressions: { rules: options.rules ?? [], baseline: options.baseline ?? [], today: dayOf(clock.now()) },
  });
}
