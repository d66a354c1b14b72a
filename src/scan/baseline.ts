import type { Json } from "../kit/canonical-json.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";
import type { Finding } from "../core/finding.ts";
import { withoutNumber } from "./fingerprint.ts";

/** A finding that was there when the baseline was written. */
export interface BaselineEntry {
  readonly id: string;
  readonly path: string;
  readonly fingerprint: string;
}

/** The text of a baseline that holds `findings`: one line each, so that a change to it reads well in a review. */
export function writeBaseline(findings: readonly Finding[], version: string): string {
  const lines = findings.map(({ id, path, fingerprint }) => `    ${JSON.stringify({ id, path, fingerprint })}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.toSorted().join(",\n")}\n  ]`;
  return `{\n  "format": "castellan-baseline-v1",\n  "version": ${JSON.stringify(version)},\n  "findings": ${list}\n}\n`;
}

/**
 * Reads a baseline, or the `--json` document of an earlier scan, which serves as one.
 * @param where its name, for messages
 * @throws CONFIG when it is neither
 */
export function parseBaseline(text: string, where: string): readonly BaselineEntry[] {
  try {
    const document = jsonObject(parseJson(text, "the baseline"), "the baseline");
    if (document["format"] !== "castellan-baseline-v1" && document["tool"] !== "castellan") {
      fail("MALFORMED", "it was not written by castellan scan");
    }
    return jsonArray(document["findings"], "its findings").map(entryOf);
  } catch (cause) {
    return fail("CONFIG", {
      message: `the baseline cannot be used: ${(cause as Error).message}`,
      where,
      next: "Write it anew with --update-baseline.",
      cause,
    });
  }
}

function entryOf(value: Json): BaselineEntry {
  const entry = jsonObject(value, "a finding of it");
  return {
    id: jsonString(entry["id"], "its id"),
    path: jsonString(entry["path"], "its path"),
    fingerprint: jsonString(entry["fingerprint"], "its fingerprint"),
  };
}

/**
 * Which of `findings` were there before: each entry accounts for one finding of the same problem, in the same file if it is still
 * there, else wherever it has moved. A second copy of an old problem is new.
 */
export function knownBefore(findings: readonly Finding[], baseline: readonly BaselineEntry[]): ReadonlySet<Finding> {
  const problem = ({ id, fingerprint }: BaselineEntry): string => `${id}\0${withoutNumber(fingerprint)}`;
  const left = Map.groupBy(baseline, problem);
  const known = new Set<Finding>();
  const take = (finding: Finding, fits: (entry: BaselineEntry) => boolean): void => {
    const entries = left.get(problem(finding));
    const at = entries?.findIndex(fits) ?? -1;
    if (!entries || at < 0) return;
    entries.splice(at, 1);
    known.add(finding);
  };
  for (const finding of findings) take(finding, ({ path }) => path === finding.path);
  for (const finding of findings) if (!known.has(finding)) take(finding, () => true);
  return known;
}
