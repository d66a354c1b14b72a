import { lstatSync } from "node:fs";
import type { ScanReport } from "../../core/scan.ts";
import type { ModelScan } from "../../gate/statement-schemas/model-scan.ts";
import { fail } from "../../kit/errors.ts";
import { ioError } from "../home/durable-file.ts";
import type { Discovery } from "./discovery.ts";
import { scanDiscovered } from "./run-scan.ts";
import type { ScanOptions } from "./run-scan.ts";
import { scanSources } from "./scan-sources.ts";
import type { SourceFile } from "./scan-sources.ts";

/** A file of a version on this machine's disk. */
export interface LocatedFile {
  readonly path: string;
  /** Where it is; no link. */
  readonly location: string;
}

/** What a scan for the record may be told: nothing that keeps findings out of it. */
export type VersionScanOptions = Pick<ScanOptions, "limits" | "workers" | "signal" | "progress" | "clock">;

/**
 * Scans the files of a version, every one of them: no ignore file, no suppression and no baseline counts for what goes on record.
 * Files on disk are examined in worker threads, sources on this thread.
 * @throws NOT_FOUND, FORBIDDEN, IO for a located file that cannot be found
 */
export async function scanVersionFiles(
  files: Iterable<SourceFile | LocatedFile>,
  options: VersionScanOptions = {},
): Promise<ScanReport> {
  const all = [...files];
  const located = all.filter((file) => "location" in file);
  if (located.length === 0) {
    const { workers: _workers, ...rest } = options;
    return scanSources(
      all.filter((file) => "source" in file),
      rest,
    );
  }
  if (located.length < all.length) fail("USAGE", "either all files of the version are on disk or none is");
  return scanDiscovered(function* (): Generator<Discovery> {
    for (const { path, location } of located) {
      yield { kind: "file", file: { path, location, size: sizeOf(location), named: true } };
    }
  }, options);
}

/** Entries of a list that a statement carries; the summary counts all. */
const listLimit = 500;

/**
 * The report as the predicate of a `model-scan` statement, in the form the gate reads (`findings: {blockAt: …}` in a policy).
 */
export function modelScanPredicate(report: ScanReport): ModelScan {
  const { critical, high, medium, low, info, incomplete, skipped, models, files } = report.summary;
  const text = (value: string): string => (value.length <= 1000 ? value : `${value.slice(0, 999)}…`) || "?";
  return {
    tool: report.tool,
    version: report.version,
    startedAt: report.startedAt,
    verdict: verdictOf(report),
    summary: { critical, high, medium, low, info, incomplete, skipped, files, models },
    findings: report.findings.slice(0, listLimit).map(({ id, severity, title, path, range, why, fingerprint }) => ({
      id,
      severity,
      title: text(title),
      path: text(path),
      ...(range?.offset === undefined ? {} : { offset: range.offset }),
      why: text(why),
      fingerprint,
    })),
    incomplete: report.incomplete.slice(0, listLimit).map(({ path, why }) => ({ path: text(path), why: text(why) })),
    skipped: report.skipped.slice(0, listLimit).map(({ path, why }) => ({ path: text(path), why: text(why) })),
  };
}

function verdictOf({ summary, files }: ScanReport): ModelScan["verdict"] {
  if (summary.critical + summary.high > 0 || files.some(({ verdict }) => verdict === "unsafe")) return "unsafe";
  return summary.incomplete > 0 ? "incomplete" : "safe";
}

function sizeOf(location: string): number {
  try {
    return lstatSync(location).size;
  } catch (error) {
    throw ioError(error, location);
  }
}
