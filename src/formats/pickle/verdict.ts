import type { PickleExamination, PickleGap } from "./examination.ts";

const gapLimit = 200;

/** What the parts of an examination amount to. `incomplete` in the parts are gaps already known. */
export function verdictOf(
  parts: Omit<PickleExamination, "verdict">,
): Pick<PickleExamination, "verdict" | "incomplete"> {
  const gaps = new Map<string, PickleGap>();
  const add = (why: string, offset?: number, length?: number): void => {
    if (!gaps.has(why) && gaps.size < gapLimit) gaps.set(why, { why, offset, length });
  };
  for (const gap of parts.incomplete) gaps.set(gap.why, gap);
  let unsafe = parts.concerns.some((concern) => isGrave(concern.severity));
  for (const stream of parts.streams) {
    if (stream.ended === "limit") add(`The examination stopped: ${stream.why}.`, stream.at);
    else if (stream.ended !== "stop") add(`Loading ends with an error: ${stream.why}.`, stream.at);
    for (const call of stream.calls) {
      if (isGrave(call.severity)) unsafe = true;
      else if (call.severity !== "none") add(sentence(call.reason), call.offset);
    }
    for (const found of stream.globals) {
      if (isGrave(found.severity)) unsafe = true;
      else if (found.severity !== "none" && found.called === 0) add(sentence(found.reason), found.offset);
    }
  }
  for (const { start, end, why } of parts.unaccounted) add(sentence(why), start, end - start);
  for (const { callable, examination } of parts.nested) {
    if (examination?.verdict === "unsafe") unsafe = true;
    for (const { why } of examination?.incomplete ?? []) add(`In the bytes ${callable} loads: ${why}`);
  }
  const incomplete = [...gaps.values()];
  return { verdict: unsafe ? "unsafe" : incomplete.length > 0 ? "incomplete" : "safe", incomplete };
}

/** True for what makes a pickle unsafe. */
export function isGrave(severity: string): boolean {
  return severity === "high" || severity === "critical";
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase() ?? ""}${text.slice(1)}.`;
}
