/**
 * What running an operator does besides computing its outputs.
 * - "pure": nothing.
 * - "state": keeps variables or tables of the model's own.
 * - "reads": opens files its inputs or attributes name; "writes": creates or changes them.
 * - "network": talks to other machines.
 * - "executes": calls code by name, or starts programs.
 * - "native": loads compiled code that the model brings along or names.
 */
export type Effect = "pure" | "state" | "reads" | "writes" | "network" | "executes" | "native";

/** Operators with one effect, and why we know. `names` are separated by spaces. */
export interface OperatorGroup {
  readonly domain?: string;
  readonly effect: Effect;
  readonly why: string;
  readonly names: string;
}

/** What is known of one operator. */
export interface KnownOperator {
  readonly effect: Effect;
  readonly why: string;
}

/** The groups by operator: "domain:name", or the name alone for formats without domains. */
export function operatorTable(groups: readonly OperatorGroup[]): ReadonlyMap<string, KnownOperator> {
  const table = new Map<string, KnownOperator>();
  for (const { domain, effect, why, names } of groups) {
    for (const name of names.split(" ")) {
      if (name !== "") table.set(domain === undefined ? name : `${domain}:${name}`, { effect, why });
    }
  }
  return table;
}
