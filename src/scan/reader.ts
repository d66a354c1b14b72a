import type { ByteSource } from "../core/byte-source.ts";
import type { AssetKind, AssetStructures, Certainty } from "./asset-kinds.ts";
import type { ReadBudget } from "./budget.ts";

/**
 * One format the scan can read. One file per format, `src/scan/readers/<kind>.ts`, default export `reader({...})` or
 * `refiner({...})`; `npm run gen` lists them in src/scan/readers.gen.ts (never edit that). The file also augments
 * `AssetStructures` (see asset-kinds.ts) and has a test beside it. Import only what `recognise` needs at the top and the parser in
 * `load` (`load: () => import("../../formats/x/parse.ts")`; `read` gets what it resolves to as its third argument), so that
 * scanning one pickle does not load every parser. `recognise`, `read`, `members` and `see` are synchronous: the engine runs them
 * where it can interrupt them, and each of them alone (a hung or greedy one is ended, reported, and the rest goes on).
 *
 * What the engine does with a file or member:
 * 1. asks every reader without `refines` to `recognise` it;
 * 2. reads it with *every* reader that says "certain" or "likely" (files that are two formats at once are examined as both);
 *    when nobody does, with each that says "possible", surest by name first, until one does not throw MALFORMED;
 * 3. for each structure read, asks the readers that refine its kind, and reads it with those that say "certain" or "likely", again
 *    step by step (zip → torch);
 * 4. runs on each structure the checks that ask for its kind;
 * 5. opens the members and treats each of them the same way, within the scan's budgets.
 *
 * A file is **safe** only when some reader read it, nothing is `incomplete`, a check asks for what was read, and nothing bad was
 * found. So: whatever a parser does not understand, skips, or finds left over must be in `incomplete`.
 */
export interface Reader<Kind extends AssetKind = AssetKind, Base extends AssetKind = AssetKind, Parser = unknown> {
  /** Equal to the file's name without ".ts". */
  readonly kind: Kind;
  /** What people call it: "Python pickle". */
  readonly title: string;
  /**
   * "model": a file users load as a model or part of one; gets a verdict line. "container": holds other files; is a model file
   * when something in it is. "other": examined, but no model file (settings, text).
   */
  readonly family: "model" | "container" | "other";
  /**
   * Extensions, lower case with the dot, under which files of this format legitimately appear, including shared ones such as ".bin".
   * Only used to compare name with content and to insist on a verdict for files so named; never to recognise.
   */
  readonly extensions: readonly string[];
  /** True when loading such a file in the usual way can run code that the file brings (pickle, TorchScript, Keras with Lambda). */
  readonly runsCode?: boolean;
  /** The kind whose structure this one reads further (torch refines zip); absent when it reads bytes. */
  readonly refines?: Base;
  /**
   * By content, never by name. Cheap: `probe.head` and `probe.tail` usually suffice; reads through `probe.source` are allowed
   * but bounded to some 100 KB. Never throws. When loaders would accept bytes that this format's specification
   * forbids (a zip behind foreign bytes, a pickle without its PROTO opcode), they are still to be recognised.
   */
  recognise(probe: Probe<Base>): Certainty;
  /** Loads what `read` needs; called once, before the first `read`. */
  load?(): Promise<Parser>;
  /**
   * The structure of all of `probe.source`. Everything it could not account for goes into `incomplete`; a partial structure with
   * an honest `incomplete` is better than an error, because checks still see it.
   * @throws MALFORMED when it is not this format after all (then it counts as unread), LIMIT when the budget says stop,
   *   UNSUPPORTED for a variant that is not implemented. The engine turns all of them into incomplete entries.
   */
  read(probe: Probe<Base>, budget: ReadBudget, parser: Parser): Reading<AssetStructures[Kind]>;
  /**
   * How comments start in this text format ("#", "//"); lets people write `castellan:ignore RULE until=DATE reason` in them.
   * Absent: inline suppressions are not looked for.
   */
  readonly comments?: readonly string[];
  /**
   * Files inside, in stored order, lazily. A refiner's `members` replaces that of the kind it refines (torch knows which members
   * are tensors); leave it out to keep the base's.
   */
  members?(structure: AssetStructures[Kind], probe: Probe<Base>): Iterable<Member>;
}

/** What `recognise` and `read` get. */
export interface Probe<Base extends AssetKind = AssetKind> {
  readonly source: ByteSource;
  /** The first 4,096 bytes, or all of a smaller file. */
  readonly head: Uint8Array;
  /** The last 4,096 bytes, or all of a smaller file. */
  readonly tail: Uint8Array;
  /** Last name of the path. For tie-breaks inside a family (settings files by name), never as proof of a format. */
  readonly name: string;
  /** Lower case with its dot, or "". */
  readonly extension: string;
  /** For a reader with `refines`: the structure it refines. */
  readonly base: AssetStructures[Base];
}

export interface Reading<Structure> {
  readonly structure: Structure;
  /** Empty: every byte is accounted for and every construct is known. */
  readonly incomplete: readonly Gap[];
}

/** Something that could not be examined. */
export interface Gap {
  /** One sentence with the facts: "the last 312 bytes belong to no tensor". */
  readonly why: string;
  /** Where, in bytes from the start of the asset. */
  readonly offset?: number;
  readonly length?: number;
  /** What the user can do: the limit to raise, the tool to use. */
  readonly next?: string;
}

/** A file inside a container. */
export interface Member {
  /** Its name as stored, decoded; shown with control characters made visible. Never used to open anything. */
  readonly name: string;
  /**
   * Where its bytes come from: a source when they are stored as they are (a slice of the container's), or a function that yields
   * them decompressed, in pieces of at most 1 MiB. The engine pulls the pieces, counts them against its budgets (ratio, total
   * bytes, time), keeps small ones in memory, spools large ones to a temporary file, and stops pulling when a bound is hit.
   * The function may throw MALFORMED, INTEGRITY (checksum), UNSUPPORTED (method, encryption) or LIMIT: the member is incomplete.
   */
  readonly content: ByteSource | (() => Iterable<Uint8Array> | AsyncIterable<Uint8Array>);
  /** Bytes it occupies in the container, for the ratio bound. */
  readonly packedSize?: number;
  /**
   * Absent: the member is examined like a file. Set: its bytes are data that no loader interprets, for the reason given
   * ("tensor storage float32[10,20] named by data.pkl"), and they are neither read nor reported.
   * Only a reader that has proven it from the structure may say so: an attacker chooses names.
   */
  readonly data?: string;
}

/** Marks a module's default export as the reader of a format's bytes (types only; returns its argument). */
export function reader<Kind extends AssetKind, Parser = undefined>(
  definition: ByteReader<Kind, Parser>,
): ByteReader<Kind, Parser> {
  return definition;
}

/** Marks a module's default export as a reader that refines another's structure (types only; returns its argument). */
export function refiner<Kind extends AssetKind, Base extends AssetKind, Parser = undefined>(
  definition: Refiner<Kind, Base, Parser>,
): Refiner<Kind, Base, Parser> {
  return definition;
}

export type ByteReader<Kind extends AssetKind = AssetKind, Parser = unknown> = Omit<
  Reader<Kind, never, Parser>,
  "refines"
>;
export type Refiner<Kind extends AssetKind = AssetKind, Base extends AssetKind = AssetKind, Parser = unknown> = Reader<
  Kind,
  Base,
  Parser
> & { readonly refines: Base };
