import type { ByteSource } from "../core/byte-source.ts";

/**
 * What each kind of asset looks like once read: kind → parsed structure. A format adds its line from its own reader file:
 *
 * ```ts
 * declare module "../asset-kinds.ts" {
 *   interface AssetStructures { pickle: PickleStructure }
 * }
 * ```
 */
export interface AssetStructures {
  /** Every file that is a model file by content, or claims to be one by name: asked for by checks about the file as such. */
  "model-file": ModelFile;
}

export type AssetKind = keyof AssetStructures;

/** One thing a check can see: a file, or a member of a container, read as one format. */
export interface Asset<Kind extends AssetKind = AssetKind> {
  readonly kind: Kind;
  /** "models/a.pt", or "models/a.pt!archive/data.pkl" inside a container. For display; nothing may be opened by it. */
  readonly path: string;
  /** The last name of the path: "data.pkl". */
  readonly name: string;
  /** All bytes of the file or member. */
  readonly source: ByteSource;
  readonly structure: AssetStructures[Kind];
  /** 0 for a file, 1 for a member of it, and so on. */
  readonly depth: number;
}

/** What is known about a file as such. */
export interface ModelFile {
  /** Lower case with its dot, "" when the name has none: ".pkl". */
  readonly extension: string;
  /** Every format its bytes were read as, most certain first. Empty: content not recognised. */
  readonly formats: readonly (KnownFormat & { readonly certainty: Certainty })[];
  /** Formats whose files usually carry this extension; empty when no format claims it. */
  readonly expected: readonly KnownFormat[];
}

/** A format as its reader describes it. */
export interface KnownFormat {
  readonly kind: AssetKind;
  readonly title: string;
  /** Loading such a file can run code that it brings. */
  readonly runsCode: boolean;
}

/**
 * How sure content makes us of a format:
 * - "certain": signature and structure agree; a loader of this format would take it.
 * - "likely": the structure fits and no signature exists, or the signature fits and the rest was not looked at.
 * - "possible": cannot be ruled out; read only when no reader is surer, or when the file's name says this format.
 * - "no".
 */
export const certainties = ["no", "possible", "likely", "certain"] as const;
export type Certainty = (typeof certainties)[number];
