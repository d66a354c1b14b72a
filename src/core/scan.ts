import type { Finding, Severity } from "./finding.ts";

/** Something the scan did not look at on purpose. */
export interface SkippedEntry {
  readonly path: string;
  readonly why: string;
}

/** Something the scan wanted to look at and could not, or not completely. */
export interface IncompleteEntry {
  readonly path: string;
  readonly why: string;
  readonly offset?: number;
  readonly length?: number;
  /** What the user can do about it. */
  readonly next?: string;
}

/**
 * - "unsafe": a finding of severity high or worse, suppressed or not.
 * - "incomplete": nothing that bad, but not all of it could be examined.
 * - "safe": every byte is accounted for, every construct is known, a check judged it, and nothing bad was found.
 */
export type FileVerdict = "safe" | "unsafe" | "incomplete";

/** A model file and what the scan says about it. */
export interface JudgedFile {
  readonly path: string;
  readonly verdict: FileVerdict;
  /** What its content is: "PyTorch zip archive". */
  readonly formats: readonly string[];
}

/** A finding that was left out of the result, and on whose word. */
export interface SuppressedFinding {
  readonly finding: Finding;
  readonly reason: string;
  /** "castellan.suppressions.yaml:4", "src/a.py:12" or "baseline". */
  readonly by: string;
  /** Last day it holds, YYYY-MM-DD; absent for a baseline. */
  readonly expires?: string;
}

/** Counts of one scan. */
export type ScanSummary = { readonly [severity in Severity]: number } & {
  /** Model files by verdict. */
  readonly models: number;
  readonly safe: number;
  readonly unsafe: number;
  /** Incomplete entries, about models or not: more than 0 means not everything was examined. */
  readonly incomplete: number;
  /** Files given or found. */
  readonly files: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly suppressed: number;
  readonly baseline: number;
  readonly seconds: number;
};

/** The result of a scan: what `--json` prints, what every report is made from. */
export interface ScanReport {
  readonly tool: "castellan";
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly summary: ScanSummary;
  /** Worst first, then by path and place. */
  readonly findings: readonly Finding[];
  readonly files: readonly JudgedFile[];
  readonly skipped: readonly SkippedEntry[];
  readonly incomplete: readonly IncompleteEntry[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Suppressions that could not be honoured (expired, without reason …) or that match nothing. */
  readonly notes: readonly string[];
}
