import { Refusal, refuse } from "../refusal.ts";
import type { CheckStep, LimitsStep } from "../stages.ts";

export interface RequestLimits {
  /** Largest request body in bytes; default 4 MiB. */
  readonly maxBodyBytes: number;
  /** Largest request head in bytes; default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Requests in flight on one connection (pipelining); default 8. */
  readonly maxInFlightPerConnection: number;
  /** Requests in flight in all; default 1024. */
  readonly maxInFlight: number;
  /** Milliseconds for a request's head, and for all of the request; defaults 5 s and 30 s. */
  readonly headTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Milliseconds the model server may be silent; default 30 s. */
  readonly upstreamTimeoutMs: number;
  /** Milliseconds an answer may take altogether; default 10 min. */
  readonly answerTimeoutMs: number;
}

export const defaultLimits: RequestLimits = Object.freeze({
  maxBodyBytes: 4 * 1024 * 1024,
  maxHeaderBytes: 16 * 1024,
  maxInFlightPerConnection: 8,
  maxInFlight: 1024,
  headTimeoutMs: 5000,
  requestTimeoutMs: 30_000,
  upstreamTimeoutMs: 30_000,
  answerTimeoutMs: 600_000,
});

/** The connection is fit for this request: still there, and not hogged by requests before it. */
export function connectionStep(limits: RequestLimits): CheckStep {
  return {
    name: "connection",
    run({ head }) {
      if (head.peer === undefined) refuse(499, "UNAVAILABLE", { message: "The client left" });
      if (head.inFlight > limits.maxInFlightPerConnection) {
        refuse(429, "LIMIT", {
          message: `More than ${limits.maxInFlightPerConnection} requests are in flight on this connection`,
          next: "Wait for answers, or open more connections.",
        });
      }
    },
  };
}

/**
 * Bounds on size and number, checked before anything of the body is read.
 * @param inFlight how many requests are on their way now
 */
export function limitsStep(limits: RequestLimits, inFlight: () => number, takesBody: boolean): LimitsStep {
  return {
    name: takesBody ? `body ≤ ${limits.maxBodyBytes} bytes` : "no body",
    maxBodyBytes: takesBody ? limits.maxBodyBytes : 0,
    run({ head }) {
      if (inFlight() > limits.maxInFlight) {
        refuse(503, "BUSY", {
          message: `More than ${limits.maxInFlight} requests are in flight`,
          next: "Try again in a second.",
        });
      }
      if (takesBody && Number(head.headers["content-length"] ?? 0) > limits.maxBodyBytes)
        throw bodyTooLarge(limits.maxBodyBytes);
    },
  };
}

/** The refusal of a body beyond the bound. */
export function bodyTooLarge(maxBytes: number): Refusal {
  return new Refusal(413, "LIMIT", {
    message: `The request body is larger than ${maxBytes} bytes`,
    next: "Send fewer rows per request.",
  });
}
