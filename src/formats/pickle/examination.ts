import type { Severity } from "../../core/finding.ts";
import type { Effect } from "./catalogue.ts";
import type { Dialect } from "./window.ts";

/** Something loading would call. Of harmless calls only the first few of each callable are listed. */
export interface CallRecord {
  /** Place of the opcode that calls. */
  readonly offset: number;
  /** Name of that opcode. */
  readonly opcode: string;
  /** What is called, e.g. "os.system". */
  readonly callable: string;
  /** Its arguments as text, cut to a bounded length. */
  readonly args: string;
  readonly effect: Effect;
  /** How bad the call is; "none" for harmless ones. */
  readonly severity: Severity | "none";
  readonly reason: string;
  /** Places of the opcodes through which the callable came to be called. */
  readonly path: readonly number[];
  /** How many calls this record stands for. */
  readonly count: number;
}

/** A name the pickle imports. */
export interface GlobalRecord {
  /** Place of the opcode that first named it. */
  readonly offset: number;
  readonly module: string;
  readonly name: string;
  /** The name as written, when Python 3 maps it to another. */
  readonly written?: string | undefined;
  /** The catalogued library it belongs to. */
  readonly library?: string | undefined;
  /** Whether the catalogue says anything about this very name. */
  readonly known: boolean;
  /** What calling it could do. */
  readonly effect: Effect;
  /** How bad it is that the pickle names this at all; "none" for what is known. */
  readonly severity: Severity | "none";
  readonly reason: string;
  readonly named: number;
  readonly called: number;
}

/** An object the reader is asked to supply. */
export interface PersistentId {
  readonly offset: number;
  readonly id: string;
}

/** One run of the machine over one pickle in the data. */
export interface PickleStream {
  readonly start: number;
  readonly end: number;
  readonly protocol: number;
  readonly ended: "stop" | "error" | "truncated" | "limit";
  /** Place of the opcode at which loading ended, and why, when it was not STOP. */
  readonly at: number;
  readonly why: string;
  /** The reader this run speaks for. */
  readonly dialect: Dialect;
  /** Whether earlier streams' memo entries were visible (one Unpickler loading again and again). */
  readonly sharedMemo: boolean;
  readonly opcodes: number;
  readonly calls: readonly CallRecord[];
  readonly globals: readonly GlobalRecord[];
  readonly persistentIds: readonly PersistentId[];
  /** How many persistent ids there are; the list is bounded. */
  readonly persistentCount: number;
}

/** Bytes inside the pickle that a call would load in their turn. */
export interface NestedBytes {
  /** Place of the call. */
  readonly offset: number;
  readonly callable: string;
  readonly start: number;
  readonly end: number;
  /** The bytes, when they do not stand in the pickle as they are (protocols 0 to 2 write them as a text). */
  readonly bytes?: Uint8Array | undefined;
  /** What is inside, when it is a pickle. */
  readonly examination?: PickleExamination | undefined;
}

/** Bytes in the middle or at the end of the data that are no opcodes but have a known meaning. */
export interface KnownBytes {
  readonly start: number;
  readonly end: number;
  readonly what: string;
}

export interface Unaccounted {
  readonly start: number;
  readonly end: number;
  readonly why: string;
}

/** Something about the pickle as a whole. */
export interface Concern {
  readonly offset: number;
  readonly severity: Severity;
  readonly why: string;
}

/** Something about which nothing can be said, so that the pickle is not safe. */
export interface PickleGap {
  readonly why: string;
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  /** True when the gap is a nested archive, which whoever can open it may close by examining those bytes. */
  readonly archive?: boolean | undefined;
}

/** All there is to say about a pickle without loading it. */
export interface PickleExamination {
  /** "safe" only when every byte is accounted for and everything loading does is known to be harmless. */
  readonly verdict: "safe" | "unsafe" | "incomplete";
  readonly streams: readonly PickleStream[];
  readonly unaccounted: readonly Unaccounted[];
  readonly known: readonly KnownBytes[];
  readonly nested: readonly NestedBytes[];
  readonly concerns: readonly Concern[];
  /** Why the verdict is not "safe" although nothing bad was found. */
  readonly incomplete: readonly PickleGap[];
}
