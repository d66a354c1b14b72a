import type { Need } from "../core/check.ts";
import type { CheckEntry } from "./check-list.ts";
import type { AssetCheck } from "./check.ts";

/** The checks one scan runs, loaded when the first asset of their kind turns up. */
export interface CheckLibrary {
  forKind(kind: string): Promise<readonly AssetCheck[]>;
  /** True when some check, chosen for this scan or not, asks for the kind. */
  judges(kind: string): boolean;
  /** Checks chosen but not run, and why. */
  readonly left: readonly { readonly id: string; readonly why: string }[];
  /** How many run. */
  readonly size: number;
}

/** Which of the checks a scan runs. */
export interface CheckChoice {
  /** Prefixes of ids; absent or empty: all. */
  readonly only?: readonly string[];
  /** What checks may use. */
  readonly offers: readonly Need[];
}

/** The checks of `index` that `choice` asks for and whose needs are met. */
export function checkLibrary(index: readonly CheckEntry[], choice: CheckChoice): CheckLibrary {
  const chosen = index.filter(({ id }) => !choice.only?.length || choice.only.some((prefix) => id.startsWith(prefix)));
  const lacking = (entry: CheckEntry): readonly Need[] => entry.needs.filter((need) => !choice.offers.includes(need));
  const runnable = chosen.filter((entry) => lacking(entry).length === 0);
  const left = chosen
    .filter((entry) => lacking(entry).length > 0)
    .map((entry) => ({ id: entry.id, why: `check ${entry.id} needs ${lacking(entry).join(" and ")}` }));
  const asked = new Set(index.map(({ asks }) => asks));
  const loaded = new Map<string, Promise<readonly AssetCheck[]>>();
  return {
    left,
    size: runnable.length,
    judges: (kind) => asked.has(kind),
    forKind(kind) {
      let checks = loaded.get(kind);
      if (!checks) {
        checks = Promise.all(runnable.filter(({ asks }) => asks === kind).map((entry) => entry.load()));
        loaded.set(kind, checks);
      }
      return checks;
    },
  };
}
