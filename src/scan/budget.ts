/**
 * How much a scan may spend. Every bound has a name a user can raise: `castellan scan --limit nesting=12`.
 * Hitting one never ends the scan: the file concerned is reported incomplete, with the bound's name.
 */
export interface ScanLimits {
  /** Containers inside containers. */
  readonly nesting: number;
  /** Members examined per file given, over all its levels. */
  readonly entries: number;
  /** Decompressed bytes per file given, over all its levels. */
  readonly unpackedBytes: number;
  /** Decompressed to stored bytes of one member, once it exceeds 16 MiB. */
  readonly ratio: number;
  /** Bytes of structure a parser may hold for one asset. */
  readonly memoryBytes: number;
  /** Seconds for one reading of one asset, and for one check of it. */
  readonly stepSeconds: number;
  /** Seconds for one file given, with everything inside. */
  readonly fileSeconds: number;
  /** Findings one check may report on one asset; the rest are counted. */
  readonly findings: number;
}

export const defaultLimits: ScanLimits = {
  nesting: 8,
  entries: 20_000,
  unpackedBytes: 8 * 1024 ** 3,
  ratio: 200,
  memoryBytes: 128 * 1024 ** 2,
  stepSeconds: 20,
  fileSeconds: 300,
  findings: 100,
};

/** What a reader must respect while it reads one asset. */
export interface ReadBudget {
  /**
   * Notes that the parser now holds `bytes` more (negative: fewer). Call it before allocating anything whose size the file states.
   * @throws LIMIT naming "memoryBytes"
   */
  hold(bytes: number): void;
  /** Call in every loop whose length the file decides, at least once per 10,000 cheap rounds. @throws LIMIT naming "stepSeconds" */
  tick(): void;
  readonly limits: ScanLimits;
}
