import { CastellanError, type ErrorCode, isCastellanError } from "../../kit/errors.ts";

interface SqliteError extends Error {
  readonly code: "ERR_SQLITE_ERROR";
  /** Extended result code, https://www.sqlite.org/rescode.html */
  readonly errcode: number;
}

/** Result codes by their low byte. */
const primary: { readonly [code: number]: readonly [ErrorCode, string, string?] } = {
  3: ["IO", "The operating system does not let us use the store", "Check who owns the file."],
  5: ["BUSY", "Another process holds the store's lock", "Wait for it to finish, then try again."],
  6: ["BUSY", "Another connection holds the store's lock", "Wait for it to finish, then try again."],
  8: ["IO", "The store cannot be written", "Check the permissions of the file and its folder."],
  10: [
    "IO",
    "The operating system failed to read or write the store",
    "If the disk is full, free some space and try again.",
  ],
  11: [
    "INTEGRITY",
    "The store's file is damaged",
    "Restore it from a backup; the log and the blobs are separate files.",
  ],
  13: ["STORAGE_FULL", "The disk is full", "Free some space and try again. Nothing was half written."],
  14: ["IO", "The store's file cannot be opened", "Check that the path exists and may be read."],
  26: ["INTEGRITY", "The file is not an SQLite database", "Name the right file, or restore it from a backup."],
};

/** SQLITE_CONSTRAINT_* */
const constraints: { readonly [code: number]: readonly [ErrorCode, string] } = {
  275: ["MALFORMED", "a value is outside what the store allows"],
  787: ["NOT_FOUND", "it names a tenant, version or statement that is not in the store"],
  1299: ["MALFORMED", "a required value is missing"],
  1555: ["CONFLICT", "it is in the store already"],
  2067: ["CONFLICT", "it is in the store already"],
  3091: ["MALFORMED", "a value has the wrong type"],
};

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && (error as { code?: unknown }).code === "ERR_SQLITE_ERROR";
}

/** True when another connection's lock was in the way. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [5, 6].includes(error.errcode & 0xff);
}

/** True when a file could not be opened or created: SQLITE_CANTOPEN, or SQLITE_READONLY in its many forms. */
export function cannotOpen(error: unknown): boolean {
  return isSqliteError(error) && [8, 14].includes(error.errcode & 0xff);
}

/** An SQLite error as ours; everything else unchanged. */
export function translateSqliteError(error: unknown, doing: string, where: string): unknown {
  if (isCastellanError(error) || !isSqliteError(error)) return error;
  const constraint = constraints[error.errcode];
  if (constraint) {
    return new CastellanError(constraint[0], {
      message: `While ${doing}: ${constraint[1]} (${error.message})`,
      where,
      cause: error,
    });
  }
  const [code, message, next] = primary[error.errcode & 0xff] ?? (["INTERNAL", "SQLite refused"] as const);
  return new CastellanError(code, {
    message: `${message} (while ${doing}: ${error.message})`,
    where,
    next,
    cause: error,
  });
}
