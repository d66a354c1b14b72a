import { bytesSource } from "../../../src/core/byte-source.ts";
import { Machine } from "../../../src/formats/pickle/machine.ts";
import type { RunEnd } from "../../../src/formats/pickle/machine-port.ts";
import { Memo } from "../../../src/formats/pickle/memo.ts";
import type { Dialect } from "../../../src/formats/pickle/window.ts";
import { Window } from "../../../src/formats/pickle/window.ts";
import type { OracleAnswer } from "./oracle.ts";
import { RecordingJudge } from "./recording-judge.ts";

/** Errors that depend on what a value is or does, which the machine does not know: it goes on where they end loading. */
const byValue = new RegExp(
  [
    "unhashable",
    "indices must be|index out of range",
    "item assignment",
    "must be a tuple",
    "must be a dict",
    "argument must be a type",
    "interpreted as an integer",
    "can't extend|iterable",
    "memoryview",
    "STACK_GLOBAL requires str",
    "has no attribute|__dict__",
    "state is not a dictionary",
    "missing 1 required positional argument",
  ].join("|"),
);

/** What our machine does with these bytes in the place of `pickle.loads`. */
export function runStrictly(
  bytes: Uint8Array,
  dialect: Dialect,
): { end: RunEnd; read: number; ahead: number; events: (string | number)[][] } {
  const window = new Window(bytesSource(bytes), dialect);
  let judge: RecordingJudge | undefined;
  const options = { strict: true, maxStack: 100_000, maxMarks: 100_000, maxOpcodes: 1e9 };
  const machine = new Machine(window, new Memo(1 << 20), options, (running) => (judge = new RecordingJudge(running)));
  const end = machine.run(0);
  return { end, read: window.offset, ahead: window.frameEnd, events: judge!.events };
}

/**
 * Where our run falls short of the real one, or undefined. Ours must have seen everything the real one did, in order, and
 * end where it ended; it may only go on behind errors that depend on values (unhashable keys, memory).
 */
export function difference(bytes: Uint8Array, real: OracleAnswer, dialect: Dialect): string | undefined {
  const ours = runStrictly(bytes, dialect);
  const seen = (): string => JSON.stringify({ ours: { ...ours.end, read: ours.read, events: ours.events }, real });
  for (const [i, event] of real.events.entries()) {
    if (JSON.stringify(event) !== JSON.stringify(ours.events[i])) return `event ${i} differs: ${seen()}`;
  }
  if (real.ended === "memory" || (byValue.test(real.why) && ours.events.length >= real.events.length)) return undefined;
  if (ours.events.length !== real.events.length) return `more happens here: ${seen()}`;
  if (ours.end.ended !== real.ended) return `ends otherwise: ${seen()}`;
  if (real.ended === "stop" && ours.end.end !== real.tell) return `stops elsewhere: ${seen()}`;
  // Inside a frame the real one has read to the frame's end.
  const tell = Number.isFinite(ours.ahead) ? ours.ahead : ours.read;
  if (real.ended === "error" && dialect === "file" && tell !== real.tell) return `fails elsewhere: ${seen()}`;
  return undefined;
}
