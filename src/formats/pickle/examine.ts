import type { ByteSource } from "../../core/byte-source.ts";
import { bytesSource, sliceSource } from "../../core/byte-source.ts";
import type { Catalogue } from "./catalogue.ts";
import { builtInCatalogue } from "./catalogue.ts";
import { Effects } from "./effects.ts";
import type {
  Concern,
  KnownBytes,
  NestedBytes,
  PickleExamination,
  PickleGap,
  PickleStream,
  Unaccounted,
} from "./examination.ts";
import { Machine } from "./machine.ts";
import { Memo } from "./memo.ts";
import { hiddenStarts, paddingEnd } from "./tail.ts";
import { isTorchLegacy, torchStorages } from "./torch-legacy.ts";
import { Values } from "./values.ts";
import { verdictOf } from "./verdict.ts";
import type { Dialect } from "./window.ts";
import { Window } from "./window.ts";

/** Circumstances and bounds of an examination; every bound, when hit, makes it incomplete. */
export interface ExamineOptions {
  readonly catalogue?: Catalogue;
  /** Asked now and then; true ends the examination ("out of time"). */
  readonly expired?: () => boolean;
  /** Expect arrays between the opcodes, as joblib writes them (default true). */
  readonly joblib?: boolean;
  readonly maxOpcodes?: number;
  readonly maxStack?: number;
  readonly maxMemo?: number;
  readonly maxStreams?: number;
  readonly maxDepth?: number;
}

/** Values of note, and names, that are followed in one pickle. */
const maxValues = 50_000;

/** How one run goes: as which reader, and with whose memo. */
interface Manner {
  readonly dialect?: Dialect;
  readonly joblib?: boolean;
  readonly memo?: Memo;
  /** What is known about the values in that memo. */
  readonly values?: Values;
}

interface Attempt {
  readonly stream: PickleStream;
  readonly effects: Effects;
  readonly machine: Machine;
  readonly gaps: readonly KnownBytes[];
  readonly inner: readonly PickleStream[];
  readonly trouble: number;
}

/**
 * Examines a pickle without loading it: what it would import and call, in order, for every reader in use, and whether
 * every byte of it is accounted for. Never throws for any bytes; bounded in time and memory.
 */
export function examinePickle(source: ByteSource, options: ExamineOptions = {}): PickleExamination {
  return new Examiner(source, options).examine();
}

class Examiner {
  private readonly source: ByteSource;
  private readonly options: ExamineOptions;
  private readonly streams: PickleStream[] = [];
  private readonly unaccounted: Unaccounted[] = [];
  private readonly known: KnownBytes[] = [];
  private readonly nested: NestedBytes[] = [];
  private readonly concerns: Concern[] = [];
  private readonly incomplete: PickleGap[] = [];

  constructor(source: ByteSource, options: ExamineOptions) {
    this.source = source;
    this.options = options;
  }

  examine(): PickleExamination {
    const { size } = this.source;
    const legacy = isTorchLegacy(this.source);
    const limit = this.options.maxStreams ?? 10_000;
    let count = 0;
    let at = 0;
    // The memo as one Unpickler would keep it that loads stream after stream.
    const kept = new Memo(this.maxMemo);
    let values: Values | undefined;
    for (;;) {
      const own = this.attempt(at, { memo: values === undefined ? kept : new Memo(this.maxMemo >>> 2) });
      const shared = values === undefined ? own : this.attempt(at, { memo: kept, values });
      values = shared.effects.values;
      const end = own.stream.ended === "stop" ? own : shared;
      if (count > 0 && isNothing(own) && isNothing(shared)) {
        this.leftOver(at);
        break;
      }
      count++;
      if (shared === own || !isNothing(own)) this.keep(own);
      if (shared !== own && !sameCalls(own.stream, shared.stream)) {
        this.keep({ ...shared, stream: { ...shared.stream, sharedMemo: true } });
      }
      this.otherReaders(at, own);
      if (end.stream.ended !== "stop") {
        this.leftOver(end.stream.end);
        break;
      }
      at = end.stream.end;
      if (legacy && count === 5) {
        const storages = torchStorages(this.streams, size);
        if (storages) {
          this.known.push(storages);
          break;
        }
      }
      const next = paddingEnd(this.source, at);
      if (next > at) this.known.push({ start: at, end: next, what: "padding" });
      at = next;
      if (at >= size) break;
      if (count >= limit) {
        this.unaccounted.push({ start: at, end: size, why: `more than ${limit} pickles behind each other` });
        break;
      }
    }
    const parts = {
      streams: this.streams,
      unaccounted: this.unaccounted,
      known: this.known,
      nested: this.nested,
      concerns: this.concerns,
      incomplete: this.incomplete,
    };
    return { ...parts, ...verdictOf(parts) };
  }

  private get maxMemo(): number {
    return this.options.maxMemo ?? 16_000_000;
  }

  private attempt(start: number, how: Manner): Attempt {
    const { dialect = "memory", joblib = this.options.joblib ?? true, values: kept } = how;
    const memo = how.memo ?? new Memo(this.maxMemo >>> 2);
    const window = new Window(this.source, dialect);
    const inner: PickleStream[] = [];
    const gaps: KnownBytes[] = [];
    let effects: Effects | undefined;
    const machine = new Machine(
      window,
      memo,
      {
        strict: false,
        maxStack: this.options.maxStack ?? 4_000_000,
        maxMarks: 2_000_000,
        maxOpcodes: this.options.maxOpcodes ?? 2 ** 40,
        expired: this.options.expired,
        gap: (from, end) => gaps.push({ start: from, end, what: "array data" }),
        nestedStream: (offset) => {
          if (inner.length >= 1000) return -1;
          const nested = this.attempt(offset, { joblib: false });
          inner.push(nested.stream, ...nested.inner);
          return nested.stream.ended === "stop" ? nested.stream.end : -1;
        },
      },
      (running) =>
        (effects = new Effects(running, this.options.catalogue ?? builtInCatalogue, {
          joblib,
          values: kept ?? new Values(maxValues),
        })),
    );
    const run = machine.run(start);
    const { ledger, globals, values } = effects!;
    if (values.overflow) {
      this.incomplete.push({ why: "There are more values to follow than the bound on memory allows.", offset: start });
    }
    const stream: PickleStream = {
      start,
      end: run.end,
      protocol: machine.protocol,
      ended: run.ended,
      at: run.at,
      why: run.why,
      dialect,
      sharedMemo: false,
      opcodes: machine.opcodes,
      calls: ledger.calls,
      globals,
      persistentIds: ledger.persistentIds,
      persistentCount: ledger.persistentCount,
    };
    const trouble = window.frameTrouble >= 0 ? window.frameTrouble : machine.divergence;
    return { stream, effects: effects!, machine, gaps, inner, trouble };
  }

  private keep(attempt: Attempt): void {
    this.streams.push(attempt.stream, ...attempt.inner);
    this.known.push(...attempt.gaps);
    for (const { offset, callable, start, length, bytes: inner } of attempt.effects.nestedRequests) {
      const depth = this.options.maxDepth ?? 4;
      const bytes = { offset, callable, start, end: start + length, ...(inner === undefined ? {} : { bytes: inner }) };
      if (depth <= 0 || this.nested.length >= 10_000) {
        this.incomplete.push({ why: `${callable} loads bytes that lie too deep.`, offset: start, length });
        this.nested.push(bytes);
        continue;
      }
      const slice = inner === undefined ? sliceSource(this.source, start, start + length) : bytesSource(inner);
      const head = slice.read(0, 2);
      if (head[0] === 0x50 && head[1] === 0x4b) {
        this.incomplete.push({ why: `${callable} loads an archive.`, offset: start, length, archive: true });
        this.nested.push(bytes);
        continue;
      }
      this.nested.push({ ...bytes, examination: examinePickle(slice, { ...this.options, maxDepth: depth - 1 }) });
    }
  }

  /** Runs a stream again as the readers would that may see it differently. */
  private otherReaders(start: number, own: Attempt): void {
    if (own.trouble >= 0) {
      const frames = own.machine.divergence !== own.trouble;
      const why = frames
        ? "frames that loaders read differently: no writer makes such, it hides opcodes from tools"
        : "an opcode that Python's two unpicklers read differently: no writer makes such";
      this.concerns.push({ offset: own.trouble, severity: "high", why });
      for (const dialect of ["file", "python"] as const) {
        for (let at = start, left = 100; at < this.source.size && left > 0; left--) {
          const other = this.attempt(at, { dialect });
          this.streams.push(other.stream, ...other.inner);
          if (other.stream.ended !== "stop" || other.stream.end === own.stream.end) break;
          at = other.stream.end;
        }
      }
    }
    if (own.gaps.length === 0) return;
    // The same file given to pickle.load: array data would be read as opcodes.
    const plain = this.attempt(start, { joblib: false });
    if (plain.stream.calls.some((call) => call.severity !== "none")) this.streams.push(plain.stream);
  }

  private leftOver(start: number): void {
    const { size } = this.source;
    if (start >= size) return;
    this.unaccounted.push({ start, end: size, why: start === 0 ? "No pickle" : "Bytes behind the end of the pickle" });
    for (const hidden of hiddenStarts(this.source, start)) {
      const found = this.attempt(hidden, {});
      if (found.stream.ended === "stop" || found.stream.calls.some((call) => call.severity !== "none")) {
        this.streams.push(found.stream);
      }
    }
  }
}

/** True for a run that neither came to an end nor would have called anything of note. */
function isNothing({ stream }: Attempt): boolean {
  return stream.ended !== "stop" && !stream.calls.some((call) => call.severity !== "none");
}

function sameCalls(a: PickleStream, b: PickleStream): boolean {
  const grave = (stream: PickleStream): string =>
    JSON.stringify([
      stream.ended,
      stream.calls.filter((call) => call.severity !== "none").map(({ offset, callable }) => [offset, callable]),
    ]);
  return grave(a) === grave(b);
}
