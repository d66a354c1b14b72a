import type { Range, Severity } from "./finding.ts";

/**
 * What a check must have to be run; without it the check is left out and the report says so.
 * - "network": asks a service (left out with --offline).
 * - "advisories": the shipped advisory database.
 */
export const needs = ["network", "advisories"] as const;
export type Need = (typeof needs)[number];

/** What a check saw in one asset. The engine turns it into a Finding: adds id, title, path, references and fingerprint. */
export interface Observation {
  /** Where in the asset; absent when the asset as a whole is meant. */
  readonly at?: Range;
  /** One sentence with the facts found here: "calls os.system with the text …". Plain text; the reports escape it. */
  readonly why: string;
  /** What was found, shortened and redacted by the check. */
  readonly evidence?: string;
  /** When this one is worse or milder than the check's own severity. */
  readonly severity?: Severity;
  /** When this one needs another title than the check's own. */
  readonly title?: string;
  /** References that only this one has ("cve:…"), added to the check's own. */
  readonly refs?: readonly string[];
  /**
   * What makes this the same problem next week: the resolved callable, the layer's name, the rule's subject; never an offset, a
   * line or a path. Observations of one asset with the same key are one finding (its evidence says how many places).
   * Absent: `why` and `evidence` with their numbers left out, and every place is its own finding.
   */
  readonly key?: string;
}

/**
 * A static check: one idea, one file, found by the generator under `src/<room>/checks/<topic>/<name>.ts` with id
 * `<room>/<topic>/<name>`. It sees one asset at a time, touches nothing outside it, and may throw LIMIT or MALFORMED (the
 * engine reports the asset as incomplete for this check and goes on).
 */
export interface Check<Asset, Kind extends string = string> {
  readonly id: string;
  /** The kind of asset it wants to see. */
  readonly asks: Kind;
  readonly title: string;
  readonly severity: Severity;
  /** "cwe:502", "atlas:AML.T0011.000", "owasp-ml:ML06", "cve:CVE-…", "https://…": at least one. */
  readonly refs: readonly string[];
  /** What the user should do, in one or two sentences. */
  readonly fix: string;
  /** More about it for `--explain`: what goes wrong, how an attacker uses it, when it is no problem. */
  readonly details?: string;
  readonly needs?: readonly Need[];
  see(asset: Asset): Iterable<Observation>;
}

/** An observation, as checks yield them (types only; returns its argument). */
export function finding(observation: Observation): Observation {
  return observation;
}
