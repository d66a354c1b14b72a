import type { Json } from "../kit/canonical-json.ts";
import { CastellanError, type ErrorCode, type ErrorParts } from "../kit/errors.ts";

/** A request that is not served: an error with an HTTP status and, where it helps, machine-readable detail. */
export class Refusal extends CastellanError {
  readonly status: number;
  /** Members added to the `error` object of the reply, e.g. the requirements that are missing. */
  readonly detail: { readonly [member: string]: Json } | undefined;

  constructor(status: number, code: ErrorCode, parts: ErrorParts, detail?: { readonly [member: string]: Json }) {
    super(code, parts);
    this.name = "Refusal";
    this.status = status;
    this.detail = detail;
  }
}

/** Throws a {@link Refusal}. */
export function refuse(
  status: number,
  code: ErrorCode,
  parts: ErrorParts,
  detail?: { readonly [member: string]: Json },
): never {
  throw new Refusal(status, code, parts, detail);
}

const statuses: { readonly [code in ErrorCode]: number } = {
  USAGE: 400,
  CONFIG: 500,
  NOT_FOUND: 404,
  CONFLICT: 409,
  MALFORMED: 400,
  UNSUPPORTED: 400,
  FORBIDDEN: 403,
  INTEGRITY: 503,
  SIGNATURE: 403,
  UNTRUSTED: 403,
  EXPIRED: 403,
  REVOKED: 403,
  ERASED: 410,
  POLICY: 403,
  KILLED: 503,
  UNDECIDED: 503,
  LIMIT: 413,
  BUSY: 503,
  UNAVAILABLE: 503,
  STORAGE_FULL: 503,
  IO: 503,
  INTERNAL: 500,
};

/** Anything thrown, as a refusal. Errors that are not ours keep their message to themselves: it may say too much. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof CastellanError) {
    return new Refusal(statuses[error.code], error.code, {
      message: error.message,
      where: error.where,
      next: error.next,
      cause: error,
    });
  }
  return new Refusal(500, "INTERNAL", {
    message: "Something went wrong inside the server",
    next: "Look at the server's log; this is a defect worth reporting.",
    cause: error,
  });
}

/** The JSON reply `{"error":{"code","message","where"?,"next"?,…detail}}`. */
export function refusalBody(refusal: Refusal): string {
  const { code, message, where, next, detail } = refusal;
  return JSON.stringify({ error: { code, message, where, next, ...detail } });
}
