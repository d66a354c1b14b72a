import type { Severity } from "../../core/finding.ts";

/** Something a configuration makes its loader do. Checks turn concerns into findings. */
export interface Concern<Rule extends string = string> {
  readonly rule: Rule;
  readonly severity: Severity;
  /** One sentence with the facts. */
  readonly why: string;
  /** Bytes from the start of the text, when the text is UTF-8. */
  readonly offset?: number;
  readonly evidence?: string;
  readonly refs?: readonly string[];
  /** What makes it the same problem next week: the name concerned. */
  readonly key: string;
}

const most = 500;

/** Concerns, bounded: crafted files can name a thing a million times. The worst are never crowded out by milder ones. */
export function concernList<Rule extends string>(): {
  readonly concerns: readonly Concern<Rule>[];
  readonly add: (concern: Concern<Rule>) => void;
} {
  const concerns: Concern<Rule>[] = [];
  const counts = new Map<string, number>();
  return {
    concerns,
    add(concern) {
      const count = (counts.get(concern.severity) ?? 0) + 1;
      counts.set(concern.severity, count);
      if (count <= most) concerns.push(concern);
    },
  };
}
