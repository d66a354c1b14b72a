import type { Need } from "../core/check.ts";
import type { Severity } from "../core/finding.ts";
import type { AssetCheck } from "./check.ts";

/** What is known of a check without loading it. */
export interface CheckEntry {
  readonly id: string;
  readonly asks: string;
  readonly title: string;
  readonly severity: Severity;
  readonly needs: readonly Need[];
  load(): Promise<AssetCheck>;
}
