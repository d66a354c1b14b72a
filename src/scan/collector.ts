import type { Finding } from "../core/finding.ts";
import { reaches, severities } from "../core/finding.ts";
import type { IncompleteEntry, SkippedEntry } from "../core/scan.ts";
import type { ExaminedFile, RawFinding, ScanEvent } from "./events.ts";
import { fingerprintOf, numbered } from "./fingerprint.ts";
import type { FileVerdict, JudgedFile, ScanReport } from "../core/scan.ts";
import { suppress } from "./suppressions.ts";
import type { MarkedFinding, SuppressionSources } from "./suppressions.ts";

/** Entries of one list a report keeps; more are counted. */
const listLimit = 20_000;
/** Findings from which on those below severity high are only counted. */
const findingLimit = 200_000;

export interface ReportParts {
  readonly version: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly files: number;
  readonly bytes: number;
  readonly suppressions: SuppressionSources;
  /** What a reader of the report must know about how it came about. */
  readonly notes?: readonly string[];
}

/** Gathers what examining files yields, in any order, and makes the same report of it every time. */
export class Collector {
  readonly #findings = new Map<string, RawFinding>();
  readonly #incomplete = new Map<string, IncompleteEntry>();
  readonly #skipped: SkippedEntry[] = [];
  readonly #models = new Map<string, ExaminedFile>();
  #unlisted = 0;
  #uncounted = 0;

  add(event: ScanEvent): void {
    if (event.kind === "finding") this.#finding(event.finding);
    else if (event.kind === "model") this.#models.set(event.file.path, event.file);
    else if (event.kind === "incomplete") {
      const { path, why, offset = "" } = event.entry;
      this.#incomplete.set(`${path}\0${offset}\0${why}`, event.entry);
    } else if (this.#skipped.length < listLimit) this.#skipped.push(event.entry);
    else this.#unlisted++;
  }

  /** How many findings there are so far. */
  get findings(): number {
    return this.#findings.size;
  }

  #finding(found: RawFinding): void {
    // The same thing seen twice (a file that is read as two formats, say) is one problem.
    const { id, path, key, range } = found;
    const identity = JSON.stringify([id, path, key, range?.offset, range?.startLine, range?.startColumn]);
    const known = this.#findings.get(identity);
    if (!known && this.#findings.size >= findingLimit && !reaches(found.severity, "high")) {
      this.#uncounted++;
      return;
    }
    if (!known || severities.indexOf(found.severity) < severities.indexOf(known.severity)) {
      this.#findings.set(identity, found);
    }
  }

  /** The report of everything added. */
  report(parts: ReportParts): ScanReport {
    const { version, startedAt, seconds, files, bytes } = parts;
    const marked = this.#fingerprinted();
    const left = suppress(marked, parts.suppressions);
    const findings = left.findings.toSorted(worstFirst);
    const incomplete = [...this.#incomplete.values()].sort(byPath);
    const judged = this.#judged(marked, incomplete);
    const skipped = this.#skipped.toSorted(byPath);
    if (this.#uncounted > 0) {
      skipped.push({ path: "", why: `${this.#uncounted} more findings below severity high are not listed here` });
    }
    if (this.#unlisted > 0) skipped.push({ path: "", why: `${this.#unlisted} more files that are not listed here` });
    const baseline = left.suppressed.filter(({ by }) => by === "baseline").length;
    const count = (verdict: FileVerdict): number => judged.filter((file) => file.verdict === verdict).length;
    const bySeverity = Object.fromEntries(
      severities.map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length]),
    ) as Record<(typeof severities)[number], number>;
    return {
      tool: "castellan",
      version,
      startedAt,
      summary: {
        ...bySeverity,
        models: judged.length,
        safe: count("safe"),
        unsafe: count("unsafe"),
        incomplete: incomplete.length,
        files,
        bytes,
        skipped: this.#skipped.length + this.#unlisted,
        suppressed: left.suppressed.length - baseline,
        baseline,
        seconds,
      },
      findings,
      files: judged,
      skipped,
      incomplete,
      suppressed: left.suppressed.toSorted((a, b) => worstFirst(a.finding, b.finding)),
      notes: [...(parts.notes ?? []), ...left.notes],
    };
  }

  #fingerprinted(): readonly MarkedFinding[] {
    const ordinals = new Map<string, number>();
    return [...this.#findings.values()].sort(byPlace).map(({ key, inline, ...shown }) => {
      const base = fingerprintOf({ id: shown.id, key });
      const ordinal = (ordinals.get(base) ?? 0) + 1;
      ordinals.set(base, ordinal);
      return { finding: { ...shown, fingerprint: numbered(base, ordinal) }, inline };
    });
  }

  /** A file answers for itself and for everything inside it. */
  #judged(findings: readonly MarkedFinding[], incomplete: readonly IncompleteEntry[]): readonly JudgedFile[] {
    const unsafe = new Set<string>();
    for (const { finding } of findings) {
      if (finding.severity === "critical" || finding.severity === "high") addWithContainers(unsafe, finding.path);
    }
    const open = new Set<string>();
    for (const { path } of incomplete) addWithContainers(open, path);
    const verdictOf = (path: string): FileVerdict => {
      if (unsafe.has(path)) return "unsafe";
      return open.has(path) ? "incomplete" : "safe";
    };
    return [...this.#models.values()].sort(byPath).map((file) => ({ ...file, verdict: verdictOf(file.path) }));
  }
}

function addWithContainers(paths: Set<string>, path: string): void {
  paths.add(path);
  for (let at = path.lastIndexOf("!"); at > 0; at = path.lastIndexOf("!", at - 1)) paths.add(path.slice(0, at));
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return compareText(a.path, b.path);
}

function byPlace(a: RawFinding, b: RawFinding): number {
  return (
    compareText(a.path, b.path) ||
    (a.range?.offset ?? 0) - (b.range?.offset ?? 0) ||
    (a.range?.startLine ?? 0) - (b.range?.startLine ?? 0) ||
    (a.range?.startColumn ?? 0) - (b.range?.startColumn ?? 0) ||
    compareText(a.id, b.id) ||
    compareText(a.key, b.key)
  );
}

function worstFirst(a: Finding, b: Finding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) || compareText(a.path, b.path);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
