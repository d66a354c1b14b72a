import type { Handle } from "./handle.ts";

/** What follows a BUILD in a joblib file: the bytes of an array, or an object array's own pickle. */
export type RawGap = { readonly bytes: number } | { readonly padded: number } | "pickle";

/** What the machine asks about effects; it moves values itself and knows nothing about Python's modules. */
export interface EffectJudge {
  /** True when values exist whose use has to be watched; while false, `hold` need not be called. */
  readonly watching: boolean;
  /** True when `gapAfter` can answer anything. */
  readonly gaps: boolean;
  /** The value of `module.name` under `protocol`. */
  global(offset: number, protocol: number, module: string, name: string): Handle;
  /** The same global once more, written out again. */
  again(offset: number, global: Handle): void;
  /** The value of a global whose name cannot be known: computed strings, extension codes. */
  unnamed(offset: number, what: string): Handle;
  /** Calls `callee` with an argument tuple and, for NEWOBJ_EX, keyword arguments. */
  call(offset: number, opcode: number, callee: Handle, args: Handle, kwargs: Handle): Handle;
  /** BUILD: `__setstate__`, else attributes. */
  build(offset: number, target: Handle, state: Handle): void;
  /** APPEND, APPENDS, SETITEM, SETITEMS or ADDITEMS on something that is not a plain list, dict or set. */
  mutate(offset: number, opcode: number, target: Handle, values: Float64Array, start: number, count: number): void;
  /** A container took values. */
  hold(container: Handle, values: Float64Array, start: number, count: number): void;
  /** The object a persistent id stands for; `pid` is absent for a text id. */
  persistent(offset: number, pid: Handle): Handle;
  /** False when an object is certainly no plain string. */
  maybeText(value: Handle): boolean;
  gapAfter(target: Handle): RawGap | undefined;
}

/** Told what a run finds out about single opcodes: for the disassembly. */
export interface Observer {
  /** The opcode at `offset` found this global. */
  named(offset: number, name: string): void;
  /** The opcode at `offset` calls, with what is known about it. */
  called(offset: number, text: string, severity: string, reason: string): void;
}

/** Bounds and circumstances of one run. */
export interface MachineOptions {
  /**
   * True: exactly `pickle.loads(data)` with no arguments, which stops at persistent ids, extension codes, out-of-band
   * buffers and non-ASCII strings of Python 2. False: what any reader can go on to do.
   */
  readonly strict: boolean;
  readonly maxStack: number;
  readonly maxMarks: number;
  readonly maxOpcodes: number;
  /** Asked now and then; true ends the run with "limit". */
  readonly expired?: (() => boolean) | undefined;
  /** Sees every opcode before it runs. */
  readonly trace?: ((offset: number, code: number) => void) | undefined;
  /** Told of bytes passed over because they are an array's. */
  readonly gap?: ((start: number, end: number) => void) | undefined;
  /** Runs the pickle of an object array in a joblib file; yields where it ended, or -1. */
  readonly nestedStream?: ((offset: number) => number) | undefined;
}

/** Why a run ended. */
export interface RunEnd {
  readonly ended: "stop" | "error" | "truncated" | "limit";
  /** Behind the last byte that was read as part of an opcode that ran. */
  readonly end: number;
  /** The opcode that ended it. */
  readonly at: number;
  readonly why: string;
}
