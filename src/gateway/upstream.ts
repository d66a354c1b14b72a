import { Pool } from "undici";
import type { Dispatcher } from "undici";
import type { IncomingHttpHeaders } from "node:http";
import { type Digest, hexOfDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { defaultTenant } from "../core/asset.ts";
import type { Exchange } from "../serve/exchange.ts";
import type { UpstreamEndpoint } from "../serve/ports.ts";
import { refuse, Refusal } from "../serve/refusal.ts";
import type { ForwardStep, ResponseSink } from "../serve/stages.ts";

/** The connection pool to the model server that is up now. */
export interface Upstream {
  /** Forwards to `…/versions/{digest}{suffix}` of the exchange's version. */
  forward(method: "GET" | "POST", suffix: string): ForwardStep;
  /** Makes the model server load a version. @throws UNAVAILABLE, or what the model server says */
  readonly warm: (tenant: string, name: string, digest: Digest) => Promise<void>;
  readonly up: boolean;
  close(): Promise<void>;
}

/** Headers that belong to one connection, not to the message (RFC 9110 §7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Never passed on: ours to say, or nobody's business. */
const dropped: ReadonlySet<string> = new Set([
  "date",
  "server",
  "x-powered-by",
  "x-castellan-version",
  "x-castellan-request-id",
]);

/**
 * Forwards over a keep-alive pool to wherever `endpoint` says the model server is. When that changes (it was restarted)
 * new requests use a new pool; those on their way end on the old one.
 */
export function openUpstream(
  endpoint: () => UpstreamEndpoint | undefined,
  timeoutMs: number,
  changed: () => void,
): Upstream {
  let current: { readonly at: UpstreamEndpoint; readonly pool: Pool } | undefined;
  const closing = new Set<Promise<void>>();

  function pool(): { readonly at: UpstreamEndpoint; readonly pool: Pool } {
    const at = endpoint();
    if (current && current.at.origin === at?.origin && current.at.secret === at.secret) return current;
    if (current) {
      const old = current.pool.close().catch(() => {});
      closing.add(old);
      void old.finally(() => closing.delete(old));
      current = undefined;
      changed();
    }
    if (!at) throw down();
    current = {
      at,
      pool: new Pool(at.origin, {
        connections: 128,
        pipelining: 1,
        connect: { timeout: 5000 },
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        keepAliveTimeout: 4000,
      }),
    };
    return current;
  }

  return {
    get up() {
      return endpoint() !== undefined;
    },
    forward(method, suffix) {
      return {
        name: "model-server",
        run(exchange, sink) {
          const { at, pool: to } = pool();
          const handler = new ForwardHandler(sink);
          to.dispatch(
            {
              method,
              path: modelPath(exchange, suffix),
              headers: forwardHeaders(exchange, at.secret),
              body: method === "POST" ? exchange.body : null,
            },
            handler,
          );
          return handler.done;
        },
      };
    },
    async warm(tenant, name, digest) {
      const { at, pool: to } = pool();
      const { statusCode, body } = await to.request({
        method: "GET",
        path: versionPath(tenant, name, digest, "/ready"),
        headers: { authorization: `Bearer ${at.secret}` },
      });
      const text = await body.text();
      if (statusCode !== 200) fail("UNAVAILABLE", `The model server answers ${statusCode}: ${text.slice(0, 500)}`);
    },
    async close() {
      await current?.pool.destroy();
      await Promise.all(closing);
    },
  };
}

function modelPath({ target, version }: Exchange, suffix: string): string {
  if (!target || !version)
    return refuse(500, "INTERNAL", { message: "A request reached forwarding without a version" });
  return versionPath(target.tenant, target.name, version.digest, suffix);
}

/** Built from what was resolved, never from what the client wrote. */
function versionPath(tenant: string, name: string, digest: Digest, suffix: string): string {
  const prefix = tenant === defaultTenant ? "" : `/t/${tenant}`;
  return `${prefix}/v2/models/${name}/versions/${hexOfDigest(digest)}${suffix}`;
}

/** The few request headers a model server needs; everything else a client sent stays here. */
function forwardHeaders({ id, head, headerLength }: Exchange, secret: string): string[] {
  const headers = ["authorization", `Bearer ${secret}`, "x-castellan-request-id", id];
  const type = head.headers["content-type"];
  if (type !== undefined) headers.push("content-type", type);
  if (headerLength !== undefined) headers.push("inference-header-content-length", String(headerLength));
  const trace = head.headers["traceparent"];
  if (typeof trace === "string") headers.push("traceparent", trace);
  return headers;
}

/** Carries one upstream response into a sink, with back-pressure. */
class ForwardHandler implements Dispatcher.DispatchHandler {
  readonly done: Promise<void>;
  readonly #sink: ResponseSink;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #aborted = false;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#sink.abandoned(() => {
      this.#aborted = true;
      const error = new Error("abandoned");
      controller.abort(error);
      this.#reject(error); // undici reports nothing for a request it has not started
    });
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#sink.start(status, endToEnd(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#aborted || this.#sink.push(chunk)) return;
    controller.pause();
    this.#sink.drained(() => controller.resume());
  }

  onResponseEnd(): void {
    this.#resolve();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(upstreamError(error));
  }
}

function endToEnd(headers: IncomingHttpHeaders): string[] {
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/);
  const kept: string[] = [];
  for (const name in headers) {
    if (hopByHop.has(name) || dropped.has(name) || named?.includes(name)) continue;
    const value = headers[name];
    if (typeof value === "string") kept.push(name, value);
    else if (value) for (const one of value) kept.push(name, one);
  }
  return kept;
}

function down(): Refusal {
  return new Refusal(503, "UNAVAILABLE", {
    message: "The model server is not running",
    next: "It is restarted by itself; try again in a second.",
  });
}

function upstreamError(error: Error): Refusal {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return new Refusal(504, "UNAVAILABLE", { message: "The model server did not answer in time", cause: error });
  }
  return new Refusal(502, "UNAVAILABLE", {
    message: "The model server broke off",
    next: "It is restarted by itself; try again in a second.",
    cause: error,
  });
}
