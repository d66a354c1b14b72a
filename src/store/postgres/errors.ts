import { CastellanError, type ErrorCode, isCastellanError } from "../../kit/errors.ts";

type Meaning = readonly [code: ErrorCode, message: string, next?: string];

/** SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const states: { readonly [state: string]: Meaning } = {
  "22021": ["MALFORMED", "Text with a NUL character cannot be stored"],
  "23502": ["MALFORMED", "A required value is missing"],
  "23503": ["NOT_FOUND", "It names a tenant, version or statement that is not in the store"],
  "23505": ["CONFLICT", "It is in the store already"],
  "23514": ["MALFORMED", "A value is outside what the store allows"],
  "25006": ["FORBIDDEN", "The database only allows reading", "Check that the URL names the primary server."],
  "28000": ["CONFIG", "The database refuses this user", "Check user and password in the database URL."],
  "28P01": ["CONFIG", "The database refuses this password", "Check user and password in the database URL."],
  "3D000": ["CONFIG", "The server has no such database", "Create it, or correct the database URL."],
  "40001": ["BUSY", "Other writers kept getting in the way", "Try again."],
  "40P01": ["BUSY", "Other writers kept getting in the way", "Try again."],
  "42501": ["CONFIG", "The database user lacks a permission", "Grant it the schema: see docs/store.md."],
  "53100": ["STORAGE_FULL", "The database server's disk is full", "Free some space there and try again."],
  "53300": [
    "UNAVAILABLE",
    "The database server has no connection left",
    "Raise max_connections or close other clients.",
  ],
  "55P03": ["BUSY", "Another process is writing to the store", "Wait for it to finish, then try again."],
  "57014": ["BUSY", "The database gave up after its time limit", "Try again."],
  "58030": ["IO", "The database server failed to read or write its files"],
};

const classes: { readonly [prefix: string]: Meaning } = {
  "08": ["UNAVAILABLE", "The connection to the database failed", "Check that the server runs and can be reached."],
  "57": ["UNAVAILABLE", "The database server is shutting down or starting", "Try again when it runs."],
  XX: ["INTEGRITY", "The database reports damaged data", "Look at the server's log; restore from a backup."],
};

const unreachable = /^(E[A-Z]+|UND_ERR.*)$/;
const lostMessages = /Connection terminated|connection error|timeout exceeded|timeout expired/i;

/** The SQLSTATE or system error code of an error, if it has one. */
export function stateOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : undefined;
}

function meaningOf(error: Error): Meaning | undefined {
  const state = stateOf(error) ?? "";
  const known = states[state] ?? (state.length === 5 && "severity" in error ? classes[state.slice(0, 2)] : undefined);
  if (known) return known;
  if ("severity" in error) return ["INTERNAL", "The database refused"];
  return unreachable.test(state) || lostMessages.test(error.message) ? classes["08"] : undefined;
}

/** A PostgreSQL or connection error as ours; everything else unchanged. Messages never carry the URL's password. */
export function translatePostgresError(error: unknown, doing: string, where: string): unknown {
  if (isCastellanError(error) || !(error instanceof Error)) return error;
  const meaning = meaningOf(error);
  if (!meaning) return error;
  const [code, message, next] = meaning;
  const reason = error.message || (error instanceof AggregateError ? String(error.errors[0]) : stateOf(error));
  return new CastellanError(code, { message: `${message} (while ${doing}: ${reason})`, where, next, cause: error });
}
