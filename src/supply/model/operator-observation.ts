import type { Observation } from "../../core/check.ts";
import type { Severity } from "../../core/finding.ts";
import type { Effect } from "../../formats/reading/operator-groups.ts";

/** An operator of a model, as the parsers of ONNX, TensorFlow and TensorFlow Lite report it. */
export interface SeenOperator {
  readonly id: string;
  readonly count: number;
  readonly offset?: number;
  readonly known: { readonly effect: Effect; readonly why: string } | undefined;
}

const weights: { readonly [effect in Effect]: Severity | undefined } = {
  pure: undefined,
  state: undefined,
  reads: "high",
  writes: "high",
  network: "high",
  executes: "critical",
  native: "medium",
};

/** What a check reports for operators that do more than compute, and for those nobody examined. */
export function* operatorObservations(operators: readonly SeenOperator[]): Iterable<Observation> {
  for (const { id, count, offset, known } of operators) {
    const severity: Severity | undefined = known ? weights[known.effect] : "medium";
    if (!severity) continue;
    const often = count === 1 ? "once" : `${count} times`;
    const name = JSON.stringify(id.slice(0, 120));
    yield {
      why: known
        ? `The model uses ${name} ${often}: ${known.why}.`
        : `The model uses ${name} ${often}, an operator that is not part of its format; code from elsewhere has to run it.`,
      severity,
      key: `operator:${id.slice(0, 120)}`,
      ...(offset === undefined ? {} : { at: { offset } }),
    };
  }
}
