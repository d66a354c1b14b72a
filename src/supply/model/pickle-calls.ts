import type { Observation } from "../../core/check.ts";
import type { Severity } from "../../core/finding.ts";
import type { CallRecord, PickleExamination } from "../../formats/pickle/examination.ts";

/** Every call in a pickle and in the pickles it loads in its turn, once, whichever reader runs into it. */
export function* callsOf(examination: PickleExamination): Iterable<CallRecord> {
  const seen = new Set<string>();
  for (const stream of examination.streams) {
    for (const call of stream.calls) {
      const key = `${call.offset} ${call.callable} ${call.effect}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield call;
    }
  }
  for (const { start, examination: inner } of examination.nested) {
    if (inner === undefined) continue;
    for (const call of callsOf(inner)) yield { ...call, offset: call.offset + start };
  }
}

/** What a check reports for a call: the same callable twice is one finding. */
export function callObservation(call: CallRecord, severity?: Severity): Observation {
  const how = call.path.length > 0 ? ` (opcodes at ${[...call.path, call.offset].join(" → ")})` : "";
  const again = call.count > 1 ? ` ${call.count} times` : "";
  return {
    at: { offset: call.offset },
    why: `Loading ${call.opcode === "BUILD" ? "calls, in restoring an object," : "calls"} ${call.callable}${again}: ${call.reason}.`,
    evidence: `${call.opcode} ${call.callable} ${call.args}${how}`,
    key: `${call.effect} ${call.callable}`,
    ...(severity === undefined ? {} : { severity }),
  };
}
