import type { Finding } from "../../core/finding.ts";
import { severities } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";

/** "path:line:column", "path at byte 12" or the path alone. */
export function placeOf({ path, range }: Pick<Finding, "path" | "range">): string {
  if (range?.startLine !== undefined) {
    return `${path}:${range.startLine}${range.startColumn === undefined ? "" : `:${range.startColumn}`}`;
  }
  return range?.offset === undefined ? path : `${path} at byte ${range.offset}`;
}

/** The result in one line: findings by severity, model files by verdict, what was left open, files, time. */
export function summaryLine({ summary, findings }: ScanReport): string {
  const counts = severities
    .filter((severity) => summary[severity] > 0)
    .map((severity) => `${summary[severity]} ${severity}`);
  const parts = [
    findings.length === 0 ? "no findings" : `${counted(findings.length, "finding")}: ${counts.join(", ")}`,
    ...(summary.models > 0 ? [modelsLine(summary)] : []),
    ...(summary.incomplete > 0 ? [`${counted(summary.incomplete, "thing")} not examined completely`] : []),
    ...(summary.suppressed > 0 ? [`${summary.suppressed} suppressed`] : []),
    ...(summary.baseline > 0 ? [`${summary.baseline} known from the baseline`] : []),
    ...(summary.skipped > 0 ? [`${summary.skipped} skipped`] : []),
    `${counted(summary.files, "file")}, ${bytesText(summary.bytes)} in ${summary.seconds.toFixed(2)} s`,
  ];
  return parts.join(" · ");
}

function modelsLine({ models, safe, unsafe }: ScanReport["summary"]): string {
  const open = models - safe - unsafe;
  const verdicts = [
    ...(unsafe > 0 ? [`${unsafe} unsafe`] : []),
    ...(open > 0 ? [`${open} incomplete`] : []),
    ...(safe > 0 ? [`${safe} safe`] : []),
  ];
  return `${counted(models, "model file")}: ${verdicts.join(", ")}`;
}

/** "1 file", "2 files". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Bytes for people, in powers of 1000. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
