/** Exit codes of the command-line contract. */
export const exitCodes = { clean: 0, refused: 1, usage: 2, undecided: 3, internal: 4 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * The closed set of error codes. A code says what kind of thing went wrong and which exit code it leads to;
 * the message says where, why and what to do next.
 */
const codes = {
  /** The command or call was used wrongly. */
  USAGE: exitCodes.usage,
  /** A configuration or policy file cannot be used. */
  CONFIG: exitCodes.usage,
  /** The named thing does not exist. */
  NOT_FOUND: exitCodes.usage,
  /** The thing exists already, or changed under our feet. */
  CONFLICT: exitCodes.usage,
  /** A file or message does not have the form its format requires. */
  MALFORMED: exitCodes.usage,
  /** A well-formed input asks for something we do not implement. */
  UNSUPPORTED: exitCodes.usage,
  /** Permission is missing. */
  FORBIDDEN: exitCodes.refused,
  /** Bytes differ from what was promised. */
  INTEGRITY: exitCodes.refused,
  /** A signature does not verify. */
  SIGNATURE: exitCodes.refused,
  /** A signature verifies, but nobody trusts its key or certificate. */
  UNTRUSTED: exitCodes.refused,
  /** A certificate, token or statement is past its time. */
  EXPIRED: exitCodes.refused,
  /** The version was revoked, or descends from one that was. */
  REVOKED: exitCodes.refused,
  /** The version's bytes were erased. */
  ERASED: exitCodes.refused,
  /** The policy says no. */
  POLICY: exitCodes.refused,
  /** The kill switch is on. */
  KILLED: exitCodes.refused,
  /** Something needed for an answer is missing: neither yes nor no. */
  UNDECIDED: exitCodes.undecided,
  /** A size, depth, count or time bound was hit before the work was done. */
  LIMIT: exitCodes.undecided,
  /** Another process holds the lock. */
  BUSY: exitCodes.undecided,
  /** A service we depend on does not answer. */
  UNAVAILABLE: exitCodes.undecided,
  /** The disk is full. */
  STORAGE_FULL: exitCodes.internal,
  /** The operating system refused to read or write. */
  IO: exitCodes.internal,
  /** A defect of ours. */
  INTERNAL: exitCodes.internal,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof codes;

export interface ErrorParts {
  /** What happened, in one sentence a user understands. */
  readonly message: string;
  /** File, line, field, address: where it happened. */
  readonly where?: string | undefined;
  /** What the user can do about it. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** The one error class of the program: `code` for machines, `message`, `where` and `next` for people. */
export class CastellanError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly next: string | undefined;

  constructor(code: ErrorCode, parts: ErrorParts | string) {
    const { message, where, next, cause } = typeof parts === "string" ? ({ message: parts } as ErrorParts) : parts;
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CastellanError";
    this.code = code;
    this.where = where;
    this.next = next;
  }

  get exitCode(): ExitCode {
    return codes[this.code];
  }
}

/** Throws a {@link CastellanError}; usable as an expression (`value ?? fail(...)`). */
export function fail(code: ErrorCode, parts: ErrorParts | string): never {
  throw new CastellanError(code, parts);
}

/** True when `error` is ours and, if codes are given, carries one of them. */
export function isCastellanError(error: unknown, ...only: ErrorCode[]): error is CastellanError {
  return error instanceof CastellanError && (only.length === 0 || only.includes(error.code));
}
