import { fail } from "../kit/errors.ts";
import type { ReadBudget, ScanLimits } from "./budget.ts";

/** What examining one given file, with everything inside it, has used of its limits. */
export interface Spending {
  readonly limits: ScanLimits;
  /** One more member. @throws LIMIT naming "entries" or "fileSeconds" */
  entry(): void;
  /** `bytes` more of unpacked content. @throws LIMIT naming "unpackedBytes" */
  unpacked(bytes: number): void;
  /** @throws LIMIT naming "fileSeconds" */
  time(): void;
  /** A fresh budget for one step. */
  step(): ReadBudget;
}

/** Starts counting. @param now milliseconds of a clock that only goes forward */
export function spendingOf(limits: ScanLimits, now: () => number): Spending {
  const until = now() + limits.fileSeconds * 1000;
  let entries = 0;
  let bytes = 0;
  const time = (): void => {
    if (now() > until) {
      over("fileSeconds", `examining the file took longer than ${limits.fileSeconds} seconds`);
    }
  };
  return {
    limits,
    time,
    entry() {
      time();
      if (++entries > limits.entries) over("entries", `it holds more than ${limits.entries} files`);
    },
    unpacked(more) {
      bytes += more;
      if (bytes > limits.unpackedBytes) {
        over("unpackedBytes", `it unpacks to more than ${limits.unpackedBytes} bytes`);
      }
    },
    step: () => stepBudget(limits, now, until),
  };
}

/** How many `tick` calls pass between two looks at the clock. */
const ticksPerLook = 64;

function stepBudget(limits: ScanLimits, now: () => number, fileUntil: number): ReadBudget {
  const stepUntil = now() + limits.stepSeconds * 1000;
  let held = 0;
  let ticks = 0;
  return {
    limits,
    hold(bytes) {
      held += bytes;
      if (held > limits.memoryBytes)
        over("memoryBytes", `reading it needs more than ${limits.memoryBytes} bytes of memory`);
    },
    tick() {
      if (++ticks % ticksPerLook !== 0) return;
      const at = now();
      if (at > stepUntil) over("stepSeconds", `reading it took longer than ${limits.stepSeconds} seconds`);
      if (at > fileUntil) over("fileSeconds", `examining the file took longer than ${limits.fileSeconds} seconds`);
    },
  };
}

/** Refuses to go on, naming the bound and how to raise it. @throws LIMIT */
export function over(name: keyof ScanLimits, message: string): never {
  return fail("LIMIT", { message, next: raising(name) });
}

/** What a user does to raise a bound. */
export function raising(name: keyof ScanLimits): string {
  return `Raise the bound with --limit ${name}=N if you trust where the file comes from.`;
}
