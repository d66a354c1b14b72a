import type { PickleExamination } from "./examination.ts";

/** What the parts of an examination amount to. */
export function verdictOf(
  parts: Omit<PickleExamination, "verdict">,
): Pick<PickleExamination, "verdict" | "incomplete"> {
  const incomplete = new Set(parts.incomplete);
  let unsafe = parts.concerns.some((concern) => isGrave(concern.severity));
  for (const stream of parts.streams) {
    if (stream.ended !== "stop" && stream.ended !== "limit")
      incomplete.add(`loading ends at ${stream.at}: ${stream.why}`);
    if (stream.ended === "limit") incomplete.add(`examination stopped at ${stream.at}: ${stream.why}`);
    for (const call of stream.calls) {
      if (isGrave(call.severity)) unsafe = true;
      else if (call.severity !== "none") incomplete.add(call.reason);
    }
    for (const found of stream.globals) {
      if (isGrave(found.severity)) unsafe = true;
      else if (found.severity !== "none") incomplete.add(found.reason);
    }
  }
  for (const { start, end, why } of parts.unaccounted)
    incomplete.add(`bytes ${start} to ${end} are not accounted for: ${why}`);
  for (const { callable, offset, examination } of parts.nested) {
    if (examination === undefined) incomplete.add(`${callable} at ${offset} loads bytes that were not examined here`);
    else if (examination.verdict === "unsafe") unsafe = true;
    else for (const why of examination.incomplete) incomplete.add(`in the bytes ${callable} loads: ${why}`);
  }
  const verdict = unsafe ? "unsafe" : incomplete.size > 0 ? "incomplete" : "safe";
  return { verdict, incomplete: [...incomplete].slice(0, 200) };
}

function isGrave(severity: string): boolean {
  return severity === "high" || severity === "critical";
}
