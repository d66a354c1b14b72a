import type { Observation } from "../../core/check.ts";
import type { Flaw } from "../../formats/reading/flaw.ts";

/** What a check reports for a broken rule of a format: the same rule broken twice in one file is one finding. */
export function flawObservation(flaw: Flaw): Observation {
  const at = {
    ...(flaw.offset === undefined ? {} : { offset: flaw.offset }),
    ...(flaw.length === undefined ? {} : { length: flaw.length }),
  };
  return {
    why: `${flaw.why[0]?.toUpperCase() ?? ""}${flaw.why.slice(1)}.`,
    severity: flaw.severity,
    key: flaw.rule,
    ...(Object.keys(at).length > 0 ? { at } : {}),
  };
}
