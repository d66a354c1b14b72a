import type { Observation } from "../../core/check.ts";
import type { Concern } from "../../formats/jinja/concern.ts";
import { spotter } from "../../formats/yaml/spot.ts";

/** What the checks of chat templates report for the concerns of one kind. */
export function* concernObservations(
  { concerns, text }: { readonly concerns: readonly Concern[]; readonly text: string },
  kind: Concern["kind"],
): Iterable<Observation> {
  const spot = spotter(text);
  for (const concern of concerns) {
    if (concern.kind !== kind) continue;
    const { line, column } = spot(Math.min(concern.at, text.length));
    yield {
      at: { startLine: line, startColumn: column },
      why: concern.why,
      severity: concern.severity,
      evidence: concern.evidence ?? lineAt(text, concern.at),
      key: concern.key,
    };
  }
}

/** The surroundings of a place, on one line. */
function lineAt(text: string, at: number): string {
  return text
    .slice(Math.max(0, at - 40), at + 160)
    .replaceAll(/\s+/g, " ")
    .trim();
}
