import type { Anomaly, Leftover, Unexamined } from "../container/anomaly.ts";

/** Codes of what is wrong with a 7z file; {@link Anomaly}. */
export const sevenZipAnomalyCodes = [
  "name-escapes",
  "name-ambiguous",
  "duplicate-name",
  "symlink",
  "special-file",
  "hidden-bytes",
] as const;
export type SevenZipAnomalyCode = (typeof sevenZipAnomalyCodes)[number];
export type SevenZipAnomaly = Anomaly<SevenZipAnomalyCode>;

/** One step of a folder's compression. */
export interface Coder {
  /** Method id as hexadecimal digits: "030101" is LZMA. */
  readonly method: string;
  readonly properties: Buffer;
}

/** A stream that holds one or more members, and how it is compressed. */
export interface Folder {
  readonly coders: readonly Coder[];
  /** Where its only packed stream lies; undefined when it has several. */
  readonly packed: { readonly start: number; readonly end: number } | undefined;
  readonly size: number;
  readonly crc: number | undefined;
}

/** One member of a 7z file. */
export interface SevenZipMember {
  readonly name: string;
  readonly kind: "file" | "folder" | "symlink" | "special";
  readonly size: number;
  readonly crc: number | undefined;
  /** Index into the folders, and place in what the folder unpacks to; undefined for empty members. */
  readonly folder: number | undefined;
  readonly start: number;
}

/** All that is in a 7z file. */
export interface SevenZipArchive {
  readonly folders: readonly Folder[];
  readonly members: readonly SevenZipMember[];
  readonly anomalies: readonly SevenZipAnomaly[];
  readonly leftovers: readonly Leftover[];
  readonly incomplete: readonly Unexamined[];
}
