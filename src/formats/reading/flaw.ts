import type { Severity } from "../../core/finding.ts";

/** A rule of the format that the input breaks, seen while parsing. Checks turn flaws into findings. */
export interface Flaw {
  /** Which rule, in kebab case: "overlap". Stable: findings are told apart by it. */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence with the facts found. */
  readonly why: string;
  /** Where, in bytes from the start of the input. */
  readonly offset?: number;
  readonly length?: number;
}

/** Flaws kept per rule; crafted files can break a rule once per byte, and many harmless flaws must not crowd out a grave one. */
const mostPerRule = 20;

/** Collects flaws, at most 20 of each rule and severity. */
export function flawList(): { readonly flaws: readonly Flaw[]; readonly add: (flaw: Flaw) => void } {
  const flaws: Flaw[] = [];
  const counts = new Map<string, number>();
  return {
    flaws,
    add(flaw) {
      const kind = `${flaw.severity} ${flaw.rule}`;
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      if (count <= mostPerRule) flaws.push(flaw);
    },
  };
}
