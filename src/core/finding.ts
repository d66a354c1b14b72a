/** How bad a finding is, worst first. */
export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** True when `severity` is at least as bad as `threshold`. */
export function reaches(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold);
}

/**
 * A place inside an asset. Binary assets state `offset` (bytes from the start of the asset, not of the archive around it) and
 * `length`; text assets state lines and columns, both counted from 1, the end exclusive of `endColumn`. Either may be partly known.
 */
export interface Range {
  readonly offset?: number;
  readonly length?: number;
  readonly startLine?: number;
  readonly startColumn?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** One problem, as every report shows it. */
export interface Finding {
  /** The check that reports it: "supply/model/pickle-executes". */
  readonly id: string;
  readonly severity: Severity;
  /** The problem in one line, the same for every finding of the check unless the check says otherwise. */
  readonly title: string;
  /** Path as the user gave or would give it, "/" between folders; "archive!inner" for what lies inside a container. */
  readonly path: string;
  readonly range?: Range;
  /** Why this is a problem here, in one sentence that names the facts found. */
  readonly why: string;
  /** What was found, ready to print: never a secret, at most {@link evidenceLimit} characters. */
  readonly evidence?: string;
  /** "cwe:502", "atlas:AML.T0011.000", "owasp-ml:ML06", "cve:CVE-2025-1550", "https://…". */
  readonly refs: readonly string[];
  /** What to do about it. */
  readonly fix: string;
  /** The same for the same problem wherever its file is moved and however its lines shift; unique within one report. */
  readonly fingerprint: string;
}

/** Longest evidence a report keeps; longer ones end in "…". */
export const evidenceLimit = 2000;
