import type { Flaw } from "../reading/flaw.ts";

/** A function that the model defines: a body of nodes that stands for an operator. */
export interface OnnxFunction {
  readonly id: string;
  readonly offset: number;
  /** Operators its body uses, with how often. */
  readonly calls: ReadonlyMap<string, number>;
}

const mostNodes = 10_000_000;

/** What is wrong with the functions as a whole: definitions that recur, grow without measure, or take the place of known operators. */
export function judgeFunctions(
  functions: readonly OnnxFunction[],
  isKnown: (id: string) => boolean,
  graph: ReadonlyMap<string, number>,
): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const byId = new Map<string, OnnxFunction>();
  for (const one of functions) {
    const shown = JSON.stringify(one.id.slice(0, 100));
    if (byId.has(one.id)) {
      flaws.push({
        rule: "function-duplicate",
        severity: "high",
        why: `the function ${shown} is defined twice, and readers differ in which they take`,
        offset: one.offset,
      });
    }
    byId.set(one.id, one);
    if (isKnown(one.id)) {
      flaws.push({
        rule: "function-shadows",
        severity: "high",
        why: `the model defines its own ${shown}, in place of the operator everybody knows by that name`,
        offset: one.offset,
      });
    }
  }
  const sizes = new Map<string, number>();
  const open = new Set<string>();
  const sizeOf = (id: string): number => {
    const one = byId.get(id);
    if (!one) return 1;
    const known = sizes.get(id);
    if (known !== undefined) return known;
    if (open.has(id) || open.size > 200) {
      if (open.has(id))
        flaws.push({
          rule: "function-recursion",
          severity: "high",
          why: `the function ${JSON.stringify(id.slice(0, 100))} uses itself, so that it never ends`,
          offset: one.offset,
        });
      else
        flaws.push({
          rule: "function-depth",
          severity: "high",
          why: "functions use functions more than 200 deep",
          offset: one.offset,
        });
      return 1;
    }
    open.add(id);
    let total = 0;
    for (const [call, count] of one.calls) total += count * sizeOf(call);
    open.delete(id);
    sizes.set(id, total);
    return total;
  };
  let total = 0;
  for (const [call, count] of graph) total += count * sizeOf(call);
  for (const id of byId.keys()) sizeOf(id);
  if (total > mostNodes) {
    flaws.push({
      rule: "function-expansion",
      severity: "high",
      why: `written out, the functions make a graph of ${total.toExponential(1)} nodes`,
    });
  }
  return flaws;
}
