import type { ScanLimits } from "../../scan/budget.ts";
import type { CheckChoice } from "../../scan/check-library.ts";
import type { ScanEvent } from "../../scan/events.ts";
import type { FoundFile } from "./discovery.ts";

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly limits: ScanLimits;
  readonly choice: CheckChoice;
  /** Module that exports `checkIndex` and `readers`. */
  readonly lists: string;
  /** Where it tells what it is doing (see progress-board.ts). */
  readonly board: SharedArrayBuffer;
}

/** A file, its number in the scan, and the steps on it that an earlier worker did not survive. */
export interface Job {
  readonly index: number;
  readonly file: FoundFile;
  readonly refused?: readonly (readonly [step: string, why: string])[];
}

/** From worker to main. */
export type WorkerMessage =
  | { readonly kind: "done"; readonly index: number; readonly events: readonly ScanEvent[] }
  | { readonly kind: "idle" };
