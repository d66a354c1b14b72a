import type { Finding } from "../core/finding.ts";
import type { BaselineEntry } from "./baseline.ts";
import { knownBefore } from "./baseline.ts";
import { isDay } from "./day.ts";
import type { InlineMark } from "./events.ts";
import { withoutNumber } from "./fingerprint.ts";
import { globMatches } from "./glob.ts";
import { ruleMeans } from "./inline.ts";
import type { SuppressedFinding } from "../core/scan.ts";
import type { SuppressionRule } from "./suppression-file.ts";

/** A finding with the wish, written beside it, to leave it out. */
export interface MarkedFinding {
  readonly finding: Finding;
  readonly inline: InlineMark | undefined;
}

/** What suppressing leaves. */
export interface Left {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
  /** Suppressions that would have matched, but may not. */
  readonly notes: readonly string[];
}

/** Everything that may keep a finding out of the result. */
export interface SuppressionSources {
  readonly rules: readonly SuppressionRule[];
  readonly baseline: readonly BaselineEntry[];
  /** Today, YYYY-MM-DD: what expired before it does not count. */
  readonly today: string;
}

/** Sorts findings into those that count and those somebody accepted, for a reason and until a day. */
export function suppress(marked: readonly MarkedFinding[], sources: SuppressionSources): Left {
  const notes = new Set<string>();
  const suppressed: SuppressedFinding[] = [];
  const open: Finding[] = [];
  for (const { finding, inline } of marked) {
    const accepted = byInline(finding, inline, sources.today, notes) ?? byRule(finding, sources, notes);
    if (accepted) suppressed.push({ finding, ...accepted });
    else open.push(finding);
  }
  const known = knownBefore(open, sources.baseline);
  for (const finding of known)
    suppressed.push({ finding, reason: "was there when the baseline was written", by: "baseline" });
  return { findings: open.filter((finding) => !known.has(finding)), suppressed, notes: [...notes] };
}

type Acceptance = Pick<SuppressedFinding, "reason" | "by" | "expires">;

function byInline(
  finding: Finding,
  mark: InlineMark | undefined,
  today: string,
  notes: Set<string>,
): Acceptance | undefined {
  if (!mark) return undefined;
  const where = `${finding.path}:${mark.line}`;
  const refuse = (why: string): undefined => {
    notes.add(`${where}: the suppression of ${finding.id} does not count: ${why}`);
    return undefined;
  };
  if (mark.until === "") return refuse("it names no last day; write until=YYYY-MM-DD after the rule");
  if (!isDay(mark.until)) return refuse(`"${mark.until}" is no date; write until=YYYY-MM-DD`);
  if (mark.reason === "") return refuse("it gives no reason");
  if (mark.until < today) return refuse(`it expired on ${mark.until}`);
  return { reason: mark.reason, by: where, expires: mark.until };
}

function byRule(finding: Finding, sources: SuppressionSources, notes: Set<string>): Acceptance | undefined {
  for (const { rule, path, fingerprint, reason, expires, where } of sources.rules) {
    if (!ruleMeans(rule, finding.id) || !pathMeans(path, finding.path)) continue;
    if (fingerprint !== undefined && withoutNumber(fingerprint) !== withoutNumber(finding.fingerprint)) continue;
    if (expires < sources.today) {
      notes.add(`${where}: the suppression of ${rule} expired on ${expires}; its findings are back`);
      continue;
    }
    return { reason, by: where, expires };
  }
  return undefined;
}

/** A pattern means a file, everything inside it if it is a container, or one member by its full path. */
function pathMeans(pattern: string, path: string): boolean {
  const plain = pattern.replace(/^\.\//, "");
  if (globMatches(plain, path)) return true;
  for (let at = path.indexOf("!"); at > 0; at = path.indexOf("!", at + 1)) {
    if (globMatches(plain, path.slice(0, at))) return true;
  }
  return false;
}
