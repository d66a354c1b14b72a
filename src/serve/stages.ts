import type { Exchange } from "./exchange.ts";

/** Looks at the exchange and fills in its part. Throws a refusal to end it. Synchronous unless it must wait. */
export interface CheckStep {
  /** What it is called in `/castellan/pipeline`. */
  readonly name: string;
  run(exchange: Exchange): void | Promise<void>;
  /** Set by {@link declaredNone}: why nothing is done here. */
  readonly none?: string;
}

/** Decides how much may be sent, and whether now. */
export interface LimitsStep extends CheckStep {
  /** Largest request body in bytes; 0 where a request has none. */
  readonly maxBodyBytes: number;
}

/** Where a response goes, chunk by chunk. */
export interface ResponseSink {
  /** @param headers names and values alternating; without hop-by-hop headers */
  start(status: number, headers: readonly string[]): void;
  /** False when the receiver is slower: call `drained` then. */
  push(chunk: Uint8Array): boolean;
  drained(resume: () => void): void;
  /** `abort` is called when the answer is no longer wanted. */
  abandoned(abort: () => void): void;
}

/** Produces the response. Resolves when all of it was pushed; throws a refusal while nothing was started. */
export interface ForwardStep {
  readonly name: string;
  run(exchange: Exchange, sink: ResponseSink): Promise<void>;
}

/** Sees every byte of a response before the client does. */
export interface ChunkGuard {
  /** What may be sent now. @throws Refusal to cut the response */
  push(chunk: Uint8Array): Uint8Array;
  /** What was held back. @throws Refusal */
  end(): Uint8Array;
}

export interface GuardsOutStep {
  readonly name: string;
  /** A guard for this response, or undefined where none applies. */
  open(exchange: Exchange): ChunkGuard | undefined;
  readonly none?: string;
}

/** Writes down what happened. Resolves when that is durable. */
export interface RecordStep {
  readonly name: string;
  write(exchange: Exchange, ms: number): Promise<void>;
}

/** One implementation for every stage. */
export interface Steps {
  readonly connection: CheckStep;
  readonly authenticate: CheckStep;
  readonly authorise: CheckStep;
  readonly limits: LimitsStep;
  readonly parse: CheckStep;
  readonly "guards-in": CheckStep;
  readonly route: CheckStep;
  readonly forward: ForwardStep;
  readonly "guards-out": GuardsOutStep;
  readonly record: RecordStep;
}

/** A route and the steps its requests pass. */
export interface Route {
  /** Method and path template, e.g. "POST /v2/models/{name}/infer". */
  readonly title: string;
  readonly method: "GET" | "POST";
  /** True when a model answers: the kill switch applies. */
  readonly model: boolean;
  readonly steps: Steps;
}

/** A stage in which a route does nothing, on purpose: the reason is shown at start-up and in `/castellan/pipeline`. */
export function declaredNone(reason: string): CheckStep & GuardsOutStep {
  return { name: "none", none: reason, run: nothing, open: nothing };
}

function nothing(): undefined {
  return undefined;
}
