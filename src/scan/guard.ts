import { hash } from "node:crypto";

/** One thing the engine asks foreign code (a reader, a decompressor, a check) to do. */
export interface Step {
  readonly what: "recognise" | "read" | "list" | "unpack" | "check";
  /** Kind of the reader or id of the check. */
  readonly id: string;
  /** The asset's path. */
  readonly path: string;
}

/** Runs steps where they can be interrupted, and knows which ones an earlier attempt did not survive. */
export interface Guard {
  /** @throws LIMIT when the step was interrupted, or what it throws itself */
  run<T>(step: Step, work: () => T): T;
  /** Why this step must not be tried again; undefined when it may run. */
  refused(step: Step): string | undefined;
}

/** Longest path a step's key holds in full. */
const keyPathLimit = 1500;

/** A step as one text of bounded length, to compare steps across threads. */
export function stepKey({ what, id, path }: Step): string {
  const short = path.length <= keyPathLimit ? path : `${path.slice(0, keyPathLimit)}…${hash("sha256", path, "hex")}`;
  return `${what}\0${id}\0${short}`;
}

/** The step a key stands for; a very long path is cut. */
export function stepOfKey(key: string): Step {
  const [what = "read", id = "", path = ""] = key.split("\0");
  return { what: what as Step["what"], id, path };
}

/** A step as a person reads it. */
export function describeStep({ what, id }: Pick<Step, "what" | "id">): string {
  const acts = {
    recognise: "recognising its format",
    read: `reading it as ${id}`,
    list: `listing what is inside (${id})`,
    unpack: "unpacking it",
    check: `check ${id}`,
  };
  return acts[what];
}
