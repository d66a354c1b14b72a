import type { Anomaly, Leftover, Unexamined } from "../container/anomaly.ts";

/** Codes of what is wrong with a tar file; {@link Anomaly}. */
export const tarAnomalyCodes = [
  /** A block that should be a header has a wrong checksum; readers stop here, skip it, or refuse the file. */
  "bad-header",
  /** A number is written in a way that readers take differently. */
  "odd-number",
  /** The header and its extended header state different sizes. */
  "sizes-differ",
  /** A link, folder or device states contents. */
  "contents-on-link",
  /** An extended header is damaged, or a global one changes what only a member's own should. */
  "odd-extension",
  "duplicate-name",
  "name-escapes",
  "name-ambiguous",
  "link-escapes",
  "special-file",
  /** Members behind the end mark, where some readers stop and others do not. */
  "members-after-end",
  "hidden-bytes",
] as const;
export type TarAnomalyCode = (typeof tarAnomalyCodes)[number];
export type TarAnomaly = Anomaly<TarAnomalyCode>;

/** A run of bytes of a sparse file that is stored; what lies between runs is zero. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

/** One member of a tar file. */
export interface TarMember {
  readonly name: string;
  readonly kind: "file" | "folder" | "symlink" | "hardlink" | "special" | "label";
  readonly target?: string;
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** Bytes stored from `dataOffset`. */
  readonly packedSize: number;
  /** Bytes when unpacked; more than `packedSize` for sparse files. */
  readonly size: number;
  readonly sparse?: readonly SparseRun[];
}

/** All that is in a tar file. */
export interface TarArchive {
  readonly members: readonly TarMember[];
  readonly anomalies: readonly TarAnomaly[];
  readonly leftovers: readonly Leftover[];
  readonly incomplete: readonly Unexamined[];
}
