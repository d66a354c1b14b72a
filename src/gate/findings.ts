import type { Json } from "../kit/canonical-json.ts";
import { isJsonObject } from "../kit/json.ts";
import type { JsonObject } from "../kit/json.ts";
import { severities } from "../core/finding.ts";
import type { Severity } from "../core/finding.ts";
import type { Finding } from "./condition.ts";

/**
 * Does a scan's predicate hold findings of severity `blockAt` or worse? Reads `summary` (counts by severity) and `findings`
 * (each with its severity); when both are there, the worse counts. A scan that could not examine everything decides nothing,
 * unless what it did find blocks already.
 */
export function scanFindings(predicate: Json, blockAt: Severity): Finding {
  const scan: JsonObject = isJsonObject(predicate) ? predicate : {};
  const blocking: readonly string[] = severities.slice(0, severities.indexOf(blockAt) + 1);
  const summary = countsOf(scan["summary"], blocking);
  const listed = severitiesOf(scan["findings"]);
  const fromList = listed?.filter((severity) => blocking.includes(severity)).length ?? 0;
  const count = Math.max(summary?.total ?? 0, fromList);
  if (count > 0) {
    const first = blocking.find((severity) => (summary?.counts.get(severity) ?? 0) > 0 || listed?.includes(severity));
    const what = count === 1 ? "finding" : "findings";
    return {
      outcome: "fail",
      reason: `it reports ${count} ${what} of severity ${blockAt} or worse (worst: ${first ?? blockAt})`,
    };
  }
  if (isIncomplete(scan)) return { outcome: "undecided", reason: "the scan could not examine everything" };
  if (listed?.some((severity) => !(severities as readonly string[]).includes(severity))) {
    return { outcome: "undecided", reason: "it reports a finding of unknown severity" };
  }
  if (!summary?.complete && !listed) return { outcome: "undecided", reason: "it states neither summary nor findings" };
  return { outcome: "pass", reason: `it reports no finding of severity ${blockAt} or worse` };
}

interface Counts {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  /** Every blocking severity has a sound count. */
  readonly complete: boolean;
}

function countsOf(summary: Json | undefined, blocking: readonly string[]): Counts | undefined {
  if (!isJsonObject(summary)) return undefined;
  const counts = new Map<string, number>();
  for (const severity of blocking) {
    const count = summary[severity];
    if (typeof count === "number" && Number.isSafeInteger(count) && count >= 0) counts.set(severity, count);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { counts, total, complete: counts.size === blocking.length };
}

function severitiesOf(findings: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(findings)) return undefined;
  return (findings as readonly Json[]).map((item) => {
    const severity = isJsonObject(item) ? item["severity"] : undefined;
    return typeof severity === "string" ? severity : "unknown";
  });
}

function isIncomplete(scan: JsonObject): boolean {
  const summary = isJsonObject(scan["summary"]) ? scan["summary"]["incomplete"] : undefined;
  return [scan["incomplete"], summary].some((mark) => {
    if (Array.isArray(mark)) return mark.length > 0;
    return mark !== undefined && mark !== null && mark !== false && mark !== 0;
  });
}
