/**
 * Something in a container that honest software does not write, or that two readers of the format would take differently.
 * The parser states facts; how bad they are is for the checks to say.
 */
export interface Anomaly<Code extends string = string> {
  readonly code: Code;
  /** Bytes from the start of the container. */
  readonly offset: number;
  /** One sentence with the facts. Contains names and values from the input: escape before display. */
  readonly why: string;
  /** Name of the member concerned. */
  readonly member?: string;
}

/** Bytes of a container that belong to no structure its format knows. */
export interface Leftover {
  readonly offset: number;
  readonly length: number;
  /** "zeros": nothing but zero bytes. "data": something else. "unread": too long to look at. */
  readonly content: "zeros" | "data" | "unread";
  /** Where it lies: "before the archive", "after the last member". */
  readonly place: string;
}

/** Something the parser could not examine; makes the reading incomplete. */
export interface Unexamined {
  readonly why: string;
  readonly offset?: number;
  readonly length?: number;
  readonly next?: string;
}

/** `name` from hostile input, quoted and shortened for a sentence. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}...` : name);
}
