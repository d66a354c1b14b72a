import type { Range, Severity } from "../core/finding.ts";
import type { IncompleteEntry, SkippedEntry } from "../core/scan.ts";

/** A request, written beside the finding, to leave it out. */
export interface InlineMark {
  /** Line of the comment. */
  readonly line: number;
  readonly rule: string;
  /** As written; not yet checked. */
  readonly until: string;
  readonly reason: string;
}

/** A finding before the report as a whole gives it its fingerprint. */
export interface RawFinding {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly path: string;
  readonly range?: Range;
  readonly why: string;
  readonly evidence?: string;
  readonly refs: readonly string[];
  readonly fix: string;
  /** What makes it the same problem in another place (see Observation.key). */
  readonly key: string;
  readonly inline?: InlineMark;
}

/** A model file that was examined, at any depth. */
export interface ExaminedFile {
  readonly path: string;
  /** What its content is, most certain first: "PyTorch zip archive". Empty when it was not recognised. */
  readonly formats: readonly string[];
}

/** What examining one file yields, in order. Plain data: it crosses threads. */
export type ScanEvent =
  | { readonly kind: "finding"; readonly finding: RawFinding }
  | { readonly kind: "incomplete"; readonly entry: IncompleteEntry }
  | { readonly kind: "skipped"; readonly entry: SkippedEntry }
  | { readonly kind: "model"; readonly file: ExaminedFile };
