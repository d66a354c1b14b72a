import type { Clock } from "../kit/clock.ts";
import type { Ending, Exchange } from "./exchange.ts";
import type { KillSwitch } from "./kill-switch.ts";
import { Refusal, refusalBody, refusalOf } from "./refusal.ts";
import type { ChunkGuard, ResponseSink, Route } from "./stages.ts";

/** The socket side of a reply. */
export interface ReplyPort {
  /** @param headers names and values alternating */
  writeHead(status: number, headers: readonly string[]): void;
  /** False when the receiver is slower than the sender. */
  write(chunk: Uint8Array | string): boolean;
  onceDrained(resume: () => void): void;
  end(chunk?: Uint8Array | string): void;
  /** Drops the connection, so that an unfinished answer cannot pass for a finished one. */
  destroy(): void;
  /** Called when the client leaves before the end. */
  onAbandoned(abort: () => void): void;
}

/**
 * The way back to the client. Every byte of every answer passes here: kill switch, output guards, byte count, record.
 *
 * Promise: no client sees a complete answer whose record is not on disk. Chunks stream as they come, but what completes
 * the answer (the last bytes of a known length, or the end mark of a chunked one) waits for the record's flush.
 */
export class GuardedReply implements ResponseSink {
  readonly #route: Route;
  readonly #exchange: Exchange;
  readonly #port: ReplyPort;
  readonly #kill: KillSwitch;
  readonly #monotonic: Clock;
  #guard: ChunkGuard | undefined;
  #headers: string[] = [];
  /** The head is on its way to the client: from here on an answer can be cut, no longer refused. */
  #sent = false;
  /** Nothing more goes to the client. */
  #over = false;
  #expected = Number.POSITIVE_INFINITY;
  #eventStream = false;
  #last: Uint8Array | undefined;
  #abort: (() => void) | undefined;
  /** Why the answer was stopped from outside its own path. */
  #stopped: Refusal | undefined;

  constructor(route: Route, exchange: Exchange, port: ReplyPort, kill: KillSwitch, monotonic: Clock) {
    this.#route = route;
    this.#exchange = exchange;
    this.#port = port;
    this.#kill = kill;
    this.#monotonic = monotonic;
    port.onAbandoned(() => {
      if (this.#over) return;
      this.#over = true;
      this.#stop("client-left", new Refusal(499, "UNAVAILABLE", { message: "The client left" }));
    });
  }

  start(status: number, headers: readonly string[]): void {
    const { id, version } = this.#exchange;
    this.#exchange.status = status;
    this.#guard = this.#route.steps["guards-out"].open(this.#exchange);
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]!;
      const value = headers[index + 1]!;
      if (name === "content-length") {
        if (this.#guard) continue; // a guard may change the length
        this.#expected = Number(value);
      }
      if (name === "content-type") this.#eventStream = value.startsWith("text/event-stream");
      this.#headers.push(name, value);
    }
    this.#headers.push("x-castellan-request-id", id);
    if (version) this.#headers.push("x-castellan-version", version.digest);
  }

  push(chunk: Uint8Array): boolean {
    if (this.cutIfKilled()) return true;
    let out = chunk;
    if (this.#guard) {
      try {
        out = this.#guard.push(chunk);
      } catch (error) {
        this.#stop("guards-out", refusalOf(error));
        return true;
      }
    }
    if (out.length === 0) return true;
    this.#exchange.bytesOut += out.length;
    if (this.#exchange.bytesOut < this.#expected) {
      this.#sendHead();
      return this.#port.write(out);
    }
    this.#last = this.#last ? Buffer.concat([this.#last, out]) : out;
    return true;
  }

  drained(resume: () => void): void {
    this.#port.onceDrained(resume);
  }

  abandoned(abort: () => void): void {
    if (this.#stopped) abort();
    else this.#abort = abort;
  }

  /** Ends a complete answer, once its record is durable. @throws Refusal when it was stopped or cannot be recorded */
  async finish(): Promise<void> {
    this.#abort = undefined; // the upstream is done
    const rest = this.#guard && !this.#stopped ? this.#endGuard(this.#guard) : undefined;
    if (rest && rest.length > 0) {
      this.#exchange.bytesOut += rest.length;
      this.#last = rest;
    }
    this.cutIfKilled();
    if (this.#stopped) throw this.#stopped;
    this.#exchange.ending = "answered";
    try {
      await this.#record();
    } catch (error) {
      this.#exchange.ending = "record";
      throw error;
    }
    if (this.#over) return; // the client left, or the switch fell, while the record was written
    this.#sendHead();
    this.#over = true;
    this.#port.end(this.#last);
  }

  /** Records the refusal, then tells the client; an answer already begun is cut instead. Never throws. */
  async refuse(error: unknown): Promise<void> {
    let refusal = this.#stopped ?? refusalOf(error);
    const exchange = this.#exchange;
    if (!this.#stopped && this.#sent && exchange.ending === "forward") exchange.ending = "upstream-broke";
    exchange.code = refusal.code;
    if (!this.#sent) exchange.status = refusal.status;
    try {
      await this.#record();
    } catch (unrecorded) {
      refusal = refusalOf(unrecorded);
    }
    if (this.#over) return;
    if (this.#sent) this.#cut(refusal);
    else this.#answerRefusal(refusal);
  }

  /** Stops the answer if the kill switch forbids it. True when it is stopped, for whatever reason. */
  cutIfKilled(): boolean {
    if (this.#over || this.#stopped) return true;
    const { target } = this.#exchange;
    if (!this.#route.model || !target) return false;
    const killed = this.#kill.check(target.tenant, target.name);
    if (!killed) return false;
    this.#stop("kill-switch", killed);
    return true;
  }

  /** Stops an answer that began before `oldest` (monotonic milliseconds). */
  cutIfOlder(oldest: number): void {
    if (this.#over || this.#stopped || this.#exchange.startedAt > oldest) return;
    this.#stop("limits", new Refusal(504, "LIMIT", { message: "The answer took longer than allowed" }));
  }

  /** From outside the request's own path: cut what was begun, and let the path end by itself and record why. */
  #stop(ending: Ending, why: Refusal): void {
    this.#exchange.ending = ending;
    this.#stopped = why;
    if (this.#sent) this.#cut(why);
    const abort = this.#abort;
    this.#abort = undefined;
    abort?.();
  }

  #endGuard(guard: ChunkGuard): Uint8Array | undefined {
    try {
      return guard.end();
    } catch (error) {
      this.#stop("guards-out", refusalOf(error));
      return undefined;
    }
  }

  #record(): Promise<void> {
    const ms = this.#monotonic.now() - this.#exchange.startedAt;
    return this.#route.steps.record.write(this.#exchange, ms);
  }

  #sendHead(): void {
    if (this.#sent) return;
    this.#sent = true;
    this.#port.writeHead(this.#exchange.status, this.#headers);
  }

  /** Drops the connection without an end mark; an event stream is told why first. */
  #cut(why: Refusal): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#eventStream) this.#port.write(`event: error\ndata: ${refusalBody(why)}\n\n`);
    this.#port.destroy();
  }

  #answerRefusal(refusal: Refusal): void {
    this.#over = true;
    const body = refusalBody(refusal);
    const headers = ["content-type", "application/json", "content-length", String(Buffer.byteLength(body))];
    headers.push("x-castellan-request-id", this.#exchange.id);
    if (refusal.status === 503 || refusal.status === 502) headers.push("retry-after", "1");
    if (refusal.status === 401) headers.push("www-authenticate", "Bearer");
    this.#port.writeHead(refusal.status, headers);
    this.#port.end(body);
  }
}
