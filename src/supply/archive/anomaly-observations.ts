import type { Observation } from "../../core/check.ts";
import type { Severity } from "../../core/finding.ts";
import type { Anomaly } from "../../formats/container/anomaly.ts";

/** Anomalies of the named codes as observations, each with the severity of its code; the others are left out. */
export function* anomalyObservations<Code extends string>(
  anomalies: readonly Anomaly<Code>[],
  severities: Readonly<Partial<Record<Code, Severity>>>,
): Generator<Observation, void, void> {
  for (const { code, offset, why, member } of anomalies) {
    const severity = severities[code];
    if (severity === undefined) continue;
    const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
    yield {
      why: sentence,
      severity,
      at: { offset },
      ...(member === undefined ? {} : { evidence: `member ${JSON.stringify(member.slice(0, 300))}` }),
      key: member === undefined ? code : `${code} ${member.slice(0, 300)}`,
    };
  }
}
