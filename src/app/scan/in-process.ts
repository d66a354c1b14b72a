import { createContext, Script } from "node:vm";
import { CastellanError } from "../../kit/errors.ts";
import type { ScanEvent } from "../../scan/events.ts";
import type { ExamineTools } from "../../scan/examine.ts";
import type { Guard } from "../../scan/guard.ts";
import { raising } from "../../scan/spending.ts";
import { examineFile } from "./examine-file.ts";
import type { FoundFile } from "./discovery.ts";

/** A file up to this size is examined without a worker thread when it is the only one. */
export const inProcessLimit = 1024 * 1024;
/** Steps after which a file that was small turns out to be much work. */
const stepLimit = 120;
const millisecondLimit = 2000;
/** What a step is granted beyond its own cooperative limit before it is interrupted. */
const graceMs = 250;

/**
 * Examines one small file on this thread: starting a worker would take longer than the work. Every step can still be interrupted.
 * @param toTheEnd never gives up
 * @returns its events, or undefined when it turned out to be too much work and should go to a worker
 */
export async function examineInProcess(
  file: FoundFile,
  tools: Omit<ExamineTools, "guard">,
  guard: InterruptibleGuard,
  toTheEnd = false,
): Promise<readonly ScanEvent[] | undefined> {
  const before = guard.steps;
  const events: ScanEvent[] = [];
  const started = tools.now();
  let left = false;
  const stopped = (): boolean =>
    (left ||= !toTheEnd && (guard.steps - before > stepLimit || tools.now() - started > millisecondLimit));
  await examineFile(file, { ...tools, guard, stopped }, (event) => events.push(event));
  return left ? undefined : events;
}

/** A guard that counts the steps it ran. */
export interface InterruptibleGuard extends Guard {
  readonly steps: number;
}

/**
 * A guard that ends a step after `milliseconds`, even one that never returns: the engine's own watchdog stops all JavaScript that
 * was entered through the script. Recognising is left alone; it is bounded by contract and too short to pay for a watchdog.
 */
export function interruptible(milliseconds: number): InterruptibleGuard {
  const hooks: { work: () => void } = { work() {} };
  const context = createContext({ hooks });
  const enter = new Script("hooks.work()");
  let steps = 0;
  return {
    get steps() {
      return steps;
    },
    refused: () => undefined,
    run<T>(step: Parameters<Guard["run"]>[0], work: () => T): T {
      if (step.what === "recognise") return work();
      steps++;
      let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
      hooks.work = () => {
        try {
          outcome = { value: work() };
        } catch (error) {
          outcome = { error };
        }
      };
      try {
        enter.runInContext(context, { timeout: Math.ceil(milliseconds) + graceMs });
      } catch (cause) {
        const message = `it did not finish within ${milliseconds / 1000} seconds and was ended`;
        throw new CastellanError("LIMIT", { message, next: raising("stepSeconds"), cause });
      }
      if (!outcome) throw new CastellanError("INTERNAL", "a step ended without an outcome");
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    },
  };
}
