import type { IncompleteEntry, SkippedEntry } from "../../core/scan.ts";

/** A regular file to examine. */
export interface FoundFile {
  /** As reports show it: below the working directory relative to it, else absolute; "/" between names. */
  readonly path: string;
  /** Where it is, absolute, without links. */
  readonly location: string;
  readonly size: number;
  /** The user named this very file. */
  readonly named: boolean;
}

/** What discovery yields, in an order that depends on names only. */
export type Discovery =
  | { readonly kind: "file"; readonly file: FoundFile }
  | { readonly kind: "skipped"; readonly entry: SkippedEntry }
  | { readonly kind: "incomplete"; readonly entry: IncompleteEntry };
