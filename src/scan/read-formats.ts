import { CastellanError, isCastellanError } from "../kit/errors.ts";
import type { Certainty } from "./asset-kinds.ts";
import { certainties } from "./asset-kinds.ts";
import type { IncompleteEntry } from "../core/scan.ts";
import { gapOf } from "./gap.ts";
import type { Guard, Step } from "./guard.ts";
import type { Probe, Reader, Reading } from "./reader.ts";
import type { ReaderLibrary } from "./reader-library.ts";
import type { Spending } from "./spending.ts";

/** An asset read as one format. */
export interface ReadAs {
  readonly reader: Reader;
  readonly certainty: Certainty;
  readonly probe: Probe;
  readonly reading: Reading<unknown>;
  /** Readings that refine this one. */
  readonly refinements: readonly ReadAs[];
}

/** Everything an asset could be read as. */
export interface Readings {
  /** By certainty, surest first. */
  readonly roots: readonly ReadAs[];
  readonly incomplete: readonly IncompleteEntry[];
}

interface ReadTools {
  readonly readers: ReaderLibrary;
  readonly guard: Guard;
  readonly spending: Spending;
}

interface Candidate {
  readonly reader: Reader;
  readonly certainty: Certainty;
  readonly named: boolean;
}

type Attempt = { readonly read: ReadAs } | { readonly error: unknown; readonly step: Step };

/** Refinements of refinements, at most. */
const refinementDepth = 4;

/**
 * Reads an asset as every format its content may be: a file that two loaders would take is examined as both.
 * Formats that cannot be ruled out are tried only when nothing surer was found, or when the file is named like one.
 */
export async function readFormats(probe: Probe<never>, path: string, tools: ReadTools): Promise<Readings> {
  const incomplete: IncompleteEntry[] = [];
  const candidates = recognised(tools.readers.roots, probe, path, tools, incomplete);
  const sure = candidates.filter(({ certainty }) => certainty !== "possible");
  const guesses = candidates.filter(({ certainty }) => certainty === "possible");
  const roots: ReadAs[] = [];
  const doubts: { readonly candidate: Candidate; readonly error: unknown; readonly step: Step }[] = [];

  const attempt = async (candidate: Candidate): Promise<void> => {
    const result = await readOne(candidate, probe, path, tools, incomplete, 0);
    if ("read" in result) roots.push(result.read);
    else doubts.push({ candidate, ...result });
  };
  for (const candidate of sure) await attempt(candidate);
  for (const candidate of guesses) if (roots.length === 0 || candidate.named) await attempt(candidate);

  for (const { candidate, error, step } of doubts) {
    const mistaken = isCastellanError(error, "MALFORMED");
    const otherwiseRead = roots.length > 0;
    if (candidate.certainty === "possible" && (mistaken || otherwiseRead)) continue;
    if (candidate.certainty === "likely" && mistaken && otherwiseRead) continue;
    incomplete.push(gapOf(error, step));
  }
  return { roots, incomplete };
}

function recognised(
  readers: readonly Reader[],
  probe: Probe,
  path: string,
  { guard }: ReadTools,
  incomplete: IncompleteEntry[],
): readonly Candidate[] {
  if (readers.length === 0) return [];
  const found: Candidate[] = [];
  for (const reader of readers) {
    const step: Step = { what: "recognise", id: reader.kind, path };
    const refused = guard.refused(step);
    if (refused) {
      incomplete.push({ path, why: refused });
      continue;
    }
    try {
      const certainty = guard.run(step, () => reader.recognise(probe));
      const named = reader.extensions.includes(probe.extension);
      if (certainty !== "no") found.push({ reader, certainty, named });
    } catch (error) {
      incomplete.push(gapOf(error, step));
    }
  }
  const rank = ({ certainty, named }: Candidate): number => certainties.indexOf(certainty) * 2 + (named ? 1 : 0);
  return found.sort((a, b) => rank(b) - rank(a));
}

async function readOne(
  { reader, certainty }: Candidate,
  probe: Probe,
  path: string,
  tools: ReadTools,
  incomplete: IncompleteEntry[],
  depth: number,
): Promise<Attempt> {
  const step: Step = { what: "read", id: reader.kind, path };
  const refused = tools.guard.refused(step);
  if (refused) return { error: new CastellanError("LIMIT", refused), step };
  let reading: Reading<unknown>;
  try {
    const parser = await tools.readers.parser(reader);
    reading = tools.guard.run(step, () => reader.read(probe, tools.spending.step(), parser));
  } catch (error) {
    return { error, step };
  }
  for (const gap of reading.incomplete) incomplete.push({ path, ...gap });
  const refinements: ReadAs[] = [];
  if (depth < refinementDepth) {
    const refined: Probe = { ...probe, base: reading.structure as Probe["base"] };
    for (const candidate of recognised(tools.readers.refiners(reader.kind), refined, path, tools, incomplete)) {
      if (candidate.certainty === "possible" && !candidate.named) continue;
      const result = await readOne(candidate, refined, path, tools, incomplete, depth + 1);
      if ("read" in result) refinements.push(result.read);
      else if (candidate.certainty !== "possible") incomplete.push(gapOf(result.error, result.step));
    }
  }
  return { read: { reader, certainty, probe, reading, refinements } };
}

/** A reading and all that refines it. */
export function* withRefinements(read: ReadAs): Generator<ReadAs> {
  yield read;
  for (const refinement of read.refinements) yield* withRefinements(refinement);
}
