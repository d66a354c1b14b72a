import type { Observation } from "../../core/check.ts";
import type { Concern } from "../../formats/model-config/concern.ts";

/** What a check reports for a concern: the same thing named twice in one file is one finding. */
export function concernObservation({ why, severity, key, offset, evidence, refs }: Concern): Observation {
  return {
    why,
    severity,
    key,
    ...(offset === undefined ? {} : { at: { offset } }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(refs === undefined || refs.length === 0 ? {} : { refs }),
  };
}
