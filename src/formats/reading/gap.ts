import { isCastellanError } from "../../kit/errors.ts";

/** Something in the input that could not be accounted for; the scan reports the file as incomplete for it. */
export interface Gap {
  /** One sentence with the facts. */
  readonly why: string;
  /** Where, in bytes from the start of the input. */
  readonly offset?: number;
  readonly length?: number;
  /** What the user can do about it. */
  readonly next?: string;
}

/** A parser's own error as a gap, so that what was read before it is kept. Other errors are thrown on. */
export function gapOf(error: unknown): Gap {
  if (!isCastellanError(error, "MALFORMED", "LIMIT", "UNSUPPORTED")) throw error;
  return { why: error.message, ...(error.next === undefined ? {} : { next: error.next }) };
}
