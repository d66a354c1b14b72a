import type { Anomaly, Leftover, Unexamined } from "../container/anomaly.ts";

/** Codes of what is wrong with a zip file; {@link Anomaly}. */
export const zipAnomalyCodes = [
  /** Directory and local header give one member different names; or a Unicode path field gives a third. */
  "names-differ",
  /** They disagree on how or whether the member is compressed or encrypted, or on its sizes or checksum. */
  "headers-differ",
  /** A directory entry points at something that is no local header. */
  "no-local-header",
  /** A member that only readers of local headers see: it stands in no directory. */
  "outside-directory",
  /** Two readers would read two different directories. */
  "directory-ambiguous",
  /** The number or size of the directory's entries differs from what the end record says. */
  "directory-size",
  /** Two members have the same name, exactly or but for case and spelling. */
  "duplicate-name",
  "duplicate-folded-name",
  /** Members share bytes. */
  "overlap",
  "name-escapes",
  "name-ambiguous",
  "symlink",
  "symlink-escapes",
  "special-file",
  /** Bytes before, between or behind the archive's structures. */
  "hidden-bytes",
  /** The comment holds structures of a zip file, or is not text. */
  "comment",
  "encrypted",
  "damaged",
] as const;
export type ZipAnomalyCode = (typeof zipAnomalyCodes)[number];
export type ZipAnomaly = Anomaly<ZipAnomalyCode>;

/** One member as one class of readers sees it. */
export interface ZipMember {
  /** As Python's zipfile and torch give it: decoded, cut at a NUL. */
  readonly name: string;
  /**
   * Who sees it: "directory" everyone who follows the (main) directory; "other directory" who reads another one; "local header" who
   * believes the local header where it differs from the directory; "stray" who looks for local headers outside the directory.
   */
  readonly seenBy: "directory" | "other directory" | "local header" | "stray";
  readonly kind: "file" | "folder" | "symlink" | "special";
  readonly method: number;
  readonly flags: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes of data, from `dataOffset`. */
  readonly packedSize: number;
  readonly size: number;
  readonly headerOffset: number;
  /** Undefined when there is no local header to say where the data begins. */
  readonly dataOffset: number | undefined;
  /** The packed size is an upper bound: it stands behind the data. */
  readonly open: boolean;
  /** Offset of its entry in the directory. */
  readonly entryOffset: number | undefined;
}

/** All that is in a zip file, as any reader would see it. */
export interface ZipArchive {
  readonly size: number;
  /** In the order of the directory; then what other readers see in addition. */
  readonly members: readonly ZipMember[];
  readonly anomalies: readonly ZipAnomaly[];
  /** Bytes outside all structures and members, stray members included. */
  readonly leftovers: readonly Leftover[];
  readonly incomplete: readonly Unexamined[];
  readonly comment: string;
  /** Bytes before the first structure that offsets in the directory do not count. */
  readonly prefix: number;
}

/** Compression methods of APPNOTE §4.4.5 that are decoded, and names for the others. */
export const methodNames: ReadonlyMap<number, string> = new Map([
  [0, "stored"],
  [1, "shrunk"],
  [6, "imploded"],
  [8, "deflate"],
  [9, "deflate64"],
  [12, "bzip2"],
  [14, "LZMA"],
  [93, "zstd"],
  [95, "xz"],
  [96, "JPEG"],
  [97, "WavPack"],
  [98, "PPMd"],
  [99, "AES"],
]);
