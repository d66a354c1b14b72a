import { isCastellanError } from "../kit/errors.ts";
import type { IncompleteEntry } from "../core/scan.ts";
import type { Step } from "./guard.ts";
import { describeStep } from "./guard.ts";

/** What a step's error means to the user: which part of which file was not examined, and why. */
export function gapOf(error: unknown, step: Step): IncompleteEntry {
  const { path } = step;
  const doing = describeStep(step);
  if (isCastellanError(error)) {
    return { path, why: `${doing}: ${error.message}`, ...(error.next ? { next: error.next } : {}) };
  }
  if (error instanceof RangeError && /call stack|array length|allocation|string length/i.test(error.message)) {
    return { path, why: `${doing} needed more memory than it may use` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    path,
    why: `${doing} failed: ${message.slice(0, 300)}`,
    next: "This is a defect of castellan; please report it.",
  };
}
