import type { Finding, Severity } from "../../core/finding.ts";
import type { ScanReport } from "../../core/scan.ts";
import { printable, textTable, tint } from "../text/table.ts";
import type { Tone } from "../text/table.ts";
import { counted, placeOf, summaryLine } from "./phrases.ts";

export interface TextOptions {
  readonly colour: boolean;
  /** Show every skipped file and every safe one. */
  readonly verbose?: boolean;
}

const tones: Readonly<Record<Severity, Tone>> = {
  critical: "bad",
  high: "bad",
  medium: "open",
  low: "soft",
  info: "soft",
};
/** Entries of a list shown without being asked for all of them. */
const shownEntries = 20;
const shownFindings = 200;

/** The report as lines for a terminal: worst first, one block per finding, then what is open, then the verdicts and the sums. */
export function findingsText(report: ScanReport, options: TextOptions): string[] {
  const { colour } = options;
  const limit = options.verbose ? Number.POSITIVE_INFINITY : shownFindings;
  return [
    ...report.findings.slice(0, limit).flatMap((finding) => findingLines(finding, colour)),
    ...moreLines(report.findings.length - limit, "finding", colour),
    ...incompleteLines(report, options),
    ...verdictLines(report, options),
    ...skippedLines(report, options),
    ...(report.suppressed.length > 0 && options.verbose ? suppressedLines(report, colour) : []),
    ...report.notes.map((note) => tint(printable(`note: ${note}`), "open", colour)),
    tint(summaryLine(report), resultTone(report), colour),
  ];
}

function findingLines(finding: Finding, colour: boolean): string[] {
  const { severity, title, why, evidence, fix, id } = finding;
  const label = tint(severity.toUpperCase().padEnd(8), tones[severity], colour);
  return [
    `${label} ${printable(placeOf(finding))}`,
    `         ${printable(title)}`,
    `         ${printable(why)}`,
    ...(evidence === undefined
      ? []
      : evidence
          .split("\n")
          .slice(0, 6)
          .map((line) => tint(`           ${printable(clipped(line))}`, "soft", colour))),
    `         ${tint("do", "good", colour)} ${printable(fix)}`,
    tint(`         ${printable(id)}`, "soft", colour),
    "",
  ];
}

function incompleteLines({ incomplete }: ScanReport, { colour, verbose }: TextOptions): string[] {
  if (incomplete.length === 0) return [];
  const limit = verbose ? Number.POSITIVE_INFINITY : shownEntries;
  const lines = incomplete.slice(0, limit).flatMap(({ path, why, offset, next }) => {
    const place = printable(offset === undefined ? path || "the scan" : `${path} at byte ${offset}`);
    const head = `  ${place}: ${printable(why)}`;
    return next === undefined ? [head] : [head, tint(`    ${printable(next)}`, "soft", colour)];
  });
  const title = `Not examined completely (${incomplete.length}), so not called clean:`;
  return [tint(title, "open", colour), ...lines, ...moreLines(incomplete.length - limit, "entry", colour), ""];
}

function verdictLines({ files }: ScanReport, { colour, verbose }: TextOptions): string[] {
  const verdictTones = { safe: "good", unsafe: "bad", incomplete: "open" } as const;
  const worst = files.toSorted((a, b) => Number(a.verdict === "safe") - Number(b.verdict === "safe"));
  const limit = verbose ? Number.POSITIVE_INFINITY : shownEntries;
  if (files.length === 0) return [];
  const rows = worst
    .slice(0, limit)
    .map(({ path, verdict, formats }) => [
      { text: verdict, tone: verdictTones[verdict] },
      path,
      { text: formats.join(", ") || "not recognised", tone: "soft" as const },
    ]);
  return [
    "Model files:",
    ...textTable(rows, colour, "  "),
    ...moreLines(files.length - limit, "model file", colour),
    "",
  ];
}

function skippedLines({ skipped }: ScanReport, { colour, verbose }: TextOptions): string[] {
  if (skipped.length === 0) return [];
  if (verbose) {
    return [
      "Left out:",
      ...skipped.map(({ path, why }) => `  ${printable(path || "the scan")}: ${printable(why)}`),
      "",
    ];
  }
  const reasons = new Map<string, number>();
  for (const { why } of skipped) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  const rows = [...reasons]
    .sort(([, a], [, b]) => b - a)
    .map(([why, count]) => [{ text: `${count} ×`, tone: "soft" as const }, why]);
  return [
    "Left out:",
    ...textTable(rows.slice(0, 8), colour, "  "),
    ...moreLines(rows.length - 8, "reason", colour),
    "",
  ];
}

function suppressedLines({ suppressed }: ScanReport, colour: boolean): string[] {
  const rows = suppressed.map(({ finding, reason, by, expires }) => [
    finding.id,
    finding.path,
    `${reason} (${by}${expires === undefined ? "" : `, until ${expires}`})`,
  ]);
  return ["Accepted:", ...textTable(rows, colour, "  "), ""];
}

function moreLines(count: number, what: string, colour: boolean): string[] {
  const plural = what === "entry" ? `${count} more entries` : counted(count, `more ${what}`);
  return count > 0 ? [tint(`  … ${plural}; --verbose or --json shows all`, "soft", colour)] : [];
}

function resultTone({ findings, incomplete }: ScanReport): Tone {
  if (findings.some(({ severity }) => severity === "critical" || severity === "high")) return "bad";
  return incomplete.length > 0 || findings.length > 0 ? "open" : "good";
}

function clipped(line: string): string {
  return line.length <= 300 ? line : `${line.slice(0, 299)}…`;
}
