import type { Severity } from "../../core/finding.ts";
import type { Gap } from "../reading/gap.ts";

/**
 * Something a template does that a template has no need to do.
 * - "reaches": names Python's internals, or looks something up under a name that cannot be known.
 * - "loads": takes in another file.
 * - "unknown": uses a function, method, filter or test nobody is known to provide.
 * - "exhausts": would take time or memory without measure.
 * - "injects": adds sentences of its own depending on what was said, or on the date.
 * - "hides": contains characters that people cannot see.
 */
export interface Concern {
  readonly kind: "reaches" | "loads" | "unknown" | "exhausts" | "injects" | "hides";
  readonly severity: Severity;
  /** One sentence with the facts. */
  readonly why: string;
  /** Offset in the template's text. */
  readonly at: number;
  readonly evidence?: string;
  /** What makes it the same concern elsewhere. */
  readonly key: string;
}

/** Why a template cannot be called harmless. "provided": because of something that only its surroundings could provide. */
export interface TemplateGap extends Gap {
  readonly kind?: "provided";
}
