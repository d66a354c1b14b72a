import { join } from "node:path";
import { scanPaths } from "../../src/app/scan/run-scan.ts";
import { reaches } from "../../src/core/finding.ts";
import type { ScanReport } from "../../src/core/scan.ts";
import type { Corpus, Sample } from "./samples.ts";

/**
 * - "caught": a finding of severity high or worse.
 * - "warned": no such finding, but the file is incomplete or has a milder one.
 * - "missed": the scan has nothing to say about it.
 */
export type Outcome = "caught" | "warned" | "missed";

/** A sample and what the scan said about it. */
export interface Judged {
  readonly sample: Sample;
  readonly outcome: Outcome;
  /** True when the scan called the very file safe. */
  readonly calledSafe: boolean;
  /** The worst thing it said, in words. */
  readonly why: string;
}

/** Scans the samples as `castellan scan` does and says for each what came of it. */
export async function judge(corpus: Corpus, samples: readonly Sample[] = corpus.samples): Promise<readonly Judged[]> {
  const report = await scanPaths(
    samples.map(({ file }) => join(corpus.folder, file)),
    { cwd: corpus.folder, ignore: false, workers: 2 },
  );
  return outcomes(report, samples);
}

/** One row per technique: how many samples came to what. */
export function table(judged: readonly Judged[]): string {
  const rows = new Map<string, Record<Outcome | "samples", number>>();
  for (const { sample, outcome } of judged) {
    for (const name of [sample.technique, "all"]) {
      const row = rows.get(name) ?? { samples: 0, caught: 0, warned: 0, missed: 0 };
      row.samples++;
      row[outcome]++;
      rows.set(name, row);
    }
  }
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  const line = (name: string, ...cells: (string | number)[]): string =>
    [name.padEnd(width), ...cells.map((cell) => String(cell).padStart(8))].join(" ");
  const all = rows.get("all");
  rows.delete("all");
  return [
    line("", "samples", "caught", "warned", "missed"),
    ...[...rows].map(([name, row]) => line(name, row.samples, row.caught, row.warned, row.missed)),
    ...(all === undefined ? [] : [line("all", all.samples, all.caught, all.warned, all.missed)]),
  ].join("\n");
}

function outcomes(report: ScanReport, samples: readonly Sample[]): readonly Judged[] {
  const words = new Map<string, { outcome: Outcome; why: string }>();
  const say = (path: string, outcome: Outcome, why: string): void => {
    const file = outermost(path);
    const before = words.get(file);
    if (before === undefined || (outcome === "caught" && before.outcome !== "caught"))
      words.set(file, { outcome, why });
  };
  for (const { path, severity, why } of report.findings)
    say(path, reaches(severity, "high") ? "caught" : "warned", why);
  for (const { path, why } of report.incomplete) say(path, "warned", why);
  const safe = new Set(report.files.filter(({ verdict }) => verdict === "safe").map(({ path }) => path));
  return samples.map((sample) => ({
    sample,
    ...(words.get(sample.file) ?? { outcome: "missed" as const, why: "nothing" }),
    calledSafe: safe.has(sample.file),
  }));
}

/** "a/model.zip!inner.pkl" → "a/model.zip". */
function outermost(path: string): string {
  const end = path.indexOf("!");
  return end === -1 ? path : path.slice(0, end);
}
