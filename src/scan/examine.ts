import type { ByteSource } from "../core/byte-source.ts";
import { printable } from "../report/text/table.ts";
import type { Asset, KnownFormat, ModelFile } from "./asset-kinds.ts";
import type { ScanLimits } from "./budget.ts";
import type { CheckLibrary } from "./check-library.ts";
import type { ExaminedFile, ScanEvent } from "./events.ts";
import { foreignFormat, looksLikeText } from "./foreign.ts";
import { gapOf } from "./gap.ts";
import type { Guard, Step } from "./guard.ts";
import { observe } from "./observe.ts";
import { lastName, probeOf } from "./probe.ts";
import { readFormats, withRefinements } from "./read-formats.ts";
import type { ReadAs } from "./read-formats.ts";
import type { Member, Probe, Reader } from "./reader.ts";
import type { ReaderLibrary } from "./reader-library.ts";
import { raising, spendingOf } from "./spending.ts";
import type { Spending } from "./spending.ts";
import { openMember } from "./unpack.ts";
import type { Spool } from "./unpack.ts";

/** A file to examine. */
export interface GivenFile {
  /** As it shall stand in the report. */
  readonly path: string;
  readonly source: ByteSource;
  /** The user named this very file: then unknown content is incomplete, not skipped. */
  readonly named: boolean;
}

/** What examining needs from around it. */
export interface ExamineTools {
  readonly readers: ReaderLibrary;
  readonly library: CheckLibrary;
  readonly guard: Guard;
  readonly spool: Spool;
  readonly limits: ScanLimits;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly stopped?: () => boolean;
}

/**
 * Examines one file and everything inside it: recognises formats by content, reads them, runs the checks that ask for them, opens
 * members. Executes nothing. Never throws for what the file holds; whatever could not be examined is emitted as incomplete.
 */
export async function examine(file: GivenFile, tools: ExamineTools, emit: (event: ScanEvent) => void): Promise<void> {
  const spending = spendingOf(tools.limits, tools.now);
  await new Examination(tools, spending, emit).asset(file, 0);
}

class Examination {
  readonly #tools: ExamineTools;
  readonly #spending: Spending;
  readonly #emit: (event: ScanEvent) => void;
  #models = 0;

  constructor(tools: ExamineTools, spending: Spending, emit: (event: ScanEvent) => void) {
    this.#tools = tools;
    this.#spending = spending;
    this.#emit = emit;
  }

  /** Examines one file or member. */
  async asset(file: GivenFile, depth: number): Promise<void> {
    const { path, source } = file;
    const name = lastName(path.slice(path.lastIndexOf("!") + 1));
    let probe: Probe<never>;
    try {
      probe = probeOf(source, name);
    } catch (error) {
      this.#emit({ kind: "incomplete", entry: gapOf(error, { what: "recognise", id: "", path }) });
      return;
    }
    if (source.size === 0) {
      this.#emit({ kind: "skipped", entry: { path, why: "it is empty" } });
      return;
    }
    const { roots, incomplete } = await readFormats(probe, path, { ...this.#tools, spending: this.#spending });
    for (const entry of incomplete) this.#emit({ kind: "incomplete", entry });
    const reads = roots.flatMap((root) => [...withRefinements(root)]);
    const expected = this.#tools.readers.expected(probe.extension);
    if (reads.length === 0 && incomplete.length === 0) this.#unknown(probe, file, expected);

    const model =
      reads.some(({ reader }) => reader.family === "model") || (reads.length === 0 && expected.some(isModel));
    for (const read of reads) {
      const asset = { kind: read.reader.kind, path, name, source, structure: read.reading.structure, depth } as Asset;
      await observe(asset, read.reader.comments, this.#tools, this.#emit);
      if (read.reader.family === "model") this.#mustBeJudged(read.reader, path);
    }
    if (reads.length > 0 || expected.length > 0) {
      const structure = modelFile(probe.extension, reads, this.#tools.readers.named(probe.extension));
      await observe({ kind: "model-file", path, name, source, structure, depth }, undefined, this.#tools, this.#emit);
    }
    const modelsBefore = this.#models;
    for (const root of roots) await this.#members(root, path, depth);
    if (model || this.#models > modelsBefore) this.#model({ path, formats: titlesOf(reads) });
  }

  #model(file: ExaminedFile): void {
    this.#models++;
    this.#emit({ kind: "model", file });
  }

  /** A model format that no check looks at is not safe, however well it was read. */
  #mustBeJudged(reader: Reader, path: string): void {
    const { readers, library } = this.#tools;
    if (readers.relatives(reader.kind).some((kind) => library.judges(kind))) return;
    this.#emit({ kind: "incomplete", entry: { path, why: `no check examines a ${reader.title}` } });
  }

  #unknown(probe: Probe<never>, { path, named }: GivenFile, expected: readonly Reader[]): void {
    const foreign = foreignFormat(probe.head);
    if (expected.length > 0) {
      const models = expected.filter(isModel);
      const titles = (models.length > 0 ? models : expected).map(({ title }) => title).join(" or ");
      const is = foreign ? `its content is a ${foreign}` : "its content is no format known here";
      this.#emit({ kind: "incomplete", entry: { path, why: `by its name it is a ${titles}, but ${is}` } });
      return;
    }
    if (foreign) return this.#skip(path, `a ${foreign}, which no check asks for`);
    if (looksLikeText(probe.head)) return this.#skip(path, "text that no check asks for");
    if (!named) return this.#skip(path, "no model format by content or by name");
    this.#emit({ kind: "incomplete", entry: { path, why: "its content is no format known here" } });
  }

  #skip(path: string, why: string): void {
    this.#emit({ kind: "skipped", entry: { path, why } });
  }

  async #members(root: ReadAs, path: string, depth: number): Promise<void> {
    const source = membersFrom(root);
    if (!source) return;
    const { reader, probe, reading } = source;
    const step: Step = { what: "list", id: reader.kind, path };
    const { guard, limits, stopped } = this.#tools;
    try {
      const members = guard.run(step, () => reader.members!(reading.structure as never, probe)[Symbol.iterator]());
      for (;;) {
        const next = guard.run(step, () => members.next());
        if (next.done) return;
        if (next.value.data !== undefined) continue;
        if (depth + 1 > limits.nesting) {
          const why = `it holds files nested more than ${limits.nesting} deep`;
          this.#emit({ kind: "incomplete", entry: { path, why, next: raising("nesting") } });
          return;
        }
        this.#spending.entry();
        if (stopped?.()) {
          this.#emit({ kind: "incomplete", entry: { path, why: "the scan was stopped" } });
          return;
        }
        await this.#member(next.value, path, depth + 1);
      }
    } catch (error) {
      this.#emit({ kind: "incomplete", entry: gapOf(error, step) });
    }
  }

  async #member(member: Member, container: string, depth: number): Promise<void> {
    const path = `${container}!${displayName(member.name)}`;
    const opened = await openMember(member, path, { ...this.#tools, spending: this.#spending });
    try {
      if (opened.gap) this.#emit({ kind: "incomplete", entry: opened.gap });
      if (opened.source.size > 0 || !opened.gap) {
        await this.asset({ path, source: opened.source, named: false }, depth);
      }
    } finally {
      opened.close();
    }
  }
}

/** Who says what is inside: the one refinement that does, else the format itself; when several do, the format itself again. */
function membersFrom(root: ReadAs): ReadAs | undefined {
  const [, ...refinements] = withRefinements(root);
  const speakers = refinements.filter(({ reader }) => reader.members !== undefined);
  if (speakers.length === 1) return speakers[0];
  return root.reader.members ? root : speakers[0];
}

function modelFile(extension: string, reads: readonly ReadAs[], expected: readonly Reader[]): ModelFile {
  return {
    extension,
    formats: reads.map(({ reader, certainty }) => ({ ...knownFormat(reader), certainty })),
    expected: expected.map(knownFormat),
  };
}

function knownFormat({ kind, title, runsCode = false }: Reader): KnownFormat {
  return { kind, title, runsCode };
}

function titlesOf(reads: readonly ReadAs[]): readonly string[] {
  // A refinement says more than what it refines.
  const refined = new Set(reads.map(({ reader }) => reader.refines));
  return reads.filter(({ reader }) => !refined.has(reader.kind)).map(({ reader }) => reader.title);
}

function isModel(reader: Reader): boolean {
  return reader.family === "model";
}

/** A member's name as reports show it: nothing in it can act, and it is not endless. */
function displayName(name: string): string {
  const shown = printable(name);
  return shown.length <= 400 ? shown : `${shown.slice(0, 399)}…`;
}
