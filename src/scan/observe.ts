import type { Observation } from "../core/check.ts";
import { evidenceLimit, severities } from "../core/finding.ts";
import type { Severity } from "../core/finding.ts";
import { fail } from "../kit/errors.ts";
import type { Asset } from "./asset-kinds.ts";
import type { ScanLimits } from "./budget.ts";
import type { CheckLibrary } from "./check-library.ts";
import type { AssetCheck } from "./check.ts";
import type { InlineMark, RawFinding, ScanEvent } from "./events.ts";
import { gapOf } from "./gap.ts";
import type { Guard, Step } from "./guard.ts";
import { inlineMarks, ruleMeans } from "./inline.ts";
import { raising } from "./spending.ts";

/** What running checks needs. */
export interface ObserveTools {
  readonly library: CheckLibrary;
  readonly guard: Guard;
  readonly limits: ScanLimits;
  readonly now: () => number;
}

/**
 * Runs every check that asks for the asset's kind. A check that throws, hangs or floods costs its own completeness only: what it
 * saw until then is kept.
 * @param comments how comments start in the asset's format, when it can carry inline suppressions
 */
export async function observe(
  asset: Asset,
  comments: readonly string[] | undefined,
  tools: ObserveTools,
  emit: (event: ScanEvent) => void,
): Promise<void> {
  const checks = await tools.library.forKind(asset.kind);
  let marks: ReadonlyMap<number, readonly InlineMark[]> | undefined;
  for (const check of checks) {
    const step: Step = { what: "check", id: check.id, path: asset.path };
    const refused = tools.guard.refused(step);
    if (refused) {
      emit({ kind: "incomplete", entry: { path: asset.path, why: refused, next: raising("stepSeconds") } });
      continue;
    }
    const seen = new Gathering(check, asset, tools.limits);
    try {
      tools.guard.run(step, () => {
        seen.all(tools.now);
      });
    } catch (error) {
      emit({ kind: "incomplete", entry: gapOf(error, step) });
    }
    const findings = seen.findings();
    if (comments && findings.length > 0) marks ??= inlineMarks(asset.source, comments);
    for (const finding of findings) {
      const mark = marks?.get(finding.range?.startLine ?? 0)?.find(({ rule }) => ruleMeans(rule, finding.id));
      emit({ kind: "finding", finding: mark ? { ...finding, inline: mark } : finding });
    }
    if (seen.unkept > 0) {
      const why = `${check.id} reported ${seen.unkept} more findings like those shown`;
      emit({ kind: "skipped", entry: { path: asset.path, why } });
    }
  }
}

/** How many observations pass between two looks at the clock. */
const observationsPerLook = 256;

/** The observations of one check on one asset, merged by key and bounded per severity. */
class Gathering {
  unkept = 0;
  readonly #check: AssetCheck;
  readonly #asset: Asset;
  readonly #limits: ScanLimits;
  readonly #kept = new Map<string, { finding: RawFinding; places: number }>();
  readonly #bySeverity = new Map<Severity, number>();

  constructor(check: AssetCheck, asset: Asset, limits: ScanLimits) {
    this.#check = check;
    this.#asset = asset;
    this.#limits = limits;
  }

  /** @throws LIMIT when the check does not come to an end, or whatever it throws */
  all(now: () => number): void {
    const until = now() + this.#limits.stepSeconds * 1000;
    let count = 0;
    for (const observation of this.#check.see(this.#asset)) {
      this.#add(observation);
      if (++count % observationsPerLook === 0 && now() > until) {
        fail("LIMIT", {
          message: `it did not finish within ${this.#limits.stepSeconds} seconds`,
          next: raising("stepSeconds"),
        });
      }
    }
  }

  findings(): RawFinding[] {
    return [...this.#kept.values()].map(({ finding, places }) => {
      if (places === 1) return finding;
      const more = `(and ${places - 1} more ${places === 2 ? "place" : "places"})`;
      return { ...finding, evidence: finding.evidence ? `${finding.evidence} ${more}` : more };
    });
  }

  #add(observation: Observation): void {
    const finding = findingOf(this.#check, this.#asset, observation);
    const place = finding.range ? JSON.stringify(finding.range) : "";
    const identity = observation.key === undefined ? `${finding.key}\0${place}` : `key\0${finding.key}`;
    const known = this.#kept.get(identity);
    if (known) {
      if (observation.key === undefined) return;
      const worse = severities.indexOf(finding.severity) < severities.indexOf(known.finding.severity);
      this.#kept.set(identity, { finding: worse ? finding : known.finding, places: known.places + 1 });
      return;
    }
    const count = (this.#bySeverity.get(finding.severity) ?? 0) + 1;
    if (count > this.#limits.findings) {
      this.unkept++;
      return;
    }
    this.#bySeverity.set(finding.severity, count);
    this.#kept.set(identity, { finding, places: 1 });
  }
}

function findingOf(check: AssetCheck, asset: Asset, seen: Observation): RawFinding {
  const evidence = seen.evidence === undefined ? undefined : clipped(seen.evidence, evidenceLimit);
  return {
    id: check.id,
    severity: seen.severity ?? check.severity,
    title: seen.title ?? check.title,
    path: asset.path,
    ...(seen.at ? { range: seen.at } : {}),
    why: clipped(seen.why, evidenceLimit),
    ...(evidence === undefined ? {} : { evidence }),
    refs: seen.refs ? [...new Set([...check.refs, ...seen.refs])] : check.refs,
    fix: check.fix,
    key: seen.key ?? implicitKey(seen, asset),
  };
}

/** What an observation says apart from where: paths and numbers change when files move and lines shift. */
function implicitKey(seen: Observation, asset: Asset): string {
  return `${seen.why}\n${seen.evidence ?? ""}`
    .slice(0, 2 * evidenceLimit)
    .replaceAll(asset.path, "")
    .replaceAll(asset.name, "")
    .replace(/0x[0-9a-f]+|\d+/gi, "#");
}

function clipped(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
