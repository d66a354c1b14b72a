import { unservedVersion } from "../serve/unserved-version.ts";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onwardClock } from "../kit/clock.ts";
import { CastellanError } from "../kit/errors.ts";
import { Exchange } from "../serve/exchange.ts";
import type { GatewayOptions, GatewayPorts } from "../serve/gateway-options.ts";
import { KillSwitch, type KillStatus } from "../serve/kill-switch.ts";
import { Pipeline, type RouteDescription } from "../serve/pipeline.ts";
import { openRecord } from "../serve/record.ts";
import type { ServingEntry } from "../serve/serving-table.ts";
import { assertLoopbackBinding, loopbackOperator, staticTokens } from "../serve/steps/authenticate.ts";
import { defaultLimits } from "../serve/steps/limits.ts";
import { TableKeeper } from "../serve/table-keeper.ts";
import { parsePath } from "./paths.ts";
import { answerBrokenRequest, answerUnrouted, type ConnectionState } from "./plain-answers.ts";
import { every } from "./polling.ts";
import { gatewayRoutes } from "./routes.ts";
import { SocketIo } from "./socket-io.ts";
import { openUpstream } from "./upstream.ts";

/** What `/castellan/status` shows. */
export interface GatewayStatus {
  readonly serving: readonly ServingEntry[];
  readonly revision: number | null;
  readonly kill: KillStatus;
  readonly modelServer: "up" | "down";
  readonly inFlight: number;
  /** The last error met while looking at what is promoted. */
  readonly sourceError: string | undefined;
}

/** A running gateway. */
export interface Gateway {
  /** `http://host:port` */
  readonly url: string;
  status(): GatewayStatus;
  pipeline(): readonly RouteDescription[];
  /** Looks at promoted versions and the kill switch now instead of at the next tick. */
  refresh(): Promise<void>;
  /** Stops listening, lets requests end for up to five seconds, closes. */
  close(): Promise<void>;
}

/**
 * Starts the data plane: every request passes the pipeline, is answered by an admitted version or refused with a reason.
 * @throws CONFIG when it would be open to others, or a route lacks a stage; IO when it cannot listen
 */
export async function startGateway(ports: GatewayPorts, options: GatewayOptions): Promise<Gateway> {
  const host = options.host ?? "127.0.0.1";
  const pollMs = options.pollMs ?? 50;
  const limits = { ...defaultLimits, ...options.limits };
  if (!options.tokens) assertLoopbackBinding(host);
  const authenticate = options.tokens ? staticTokens(options.tokens) : loopbackOperator();
  const { monotonic } = ports;
  const clock = onwardClock(ports.clock, monotonic);
  const kill = new KillSwitch(
    { source: ports.killSource, mirror: ports.killMirror, verify: ports.killVerifier, monotonic },
    options.killStaleMs,
  );
  const upstream = openUpstream(ports.upstream, limits.upstreamTimeoutMs, () => keeper.chill());
  const keeper = new TableKeeper(
    { source: ports.source, gate: ports.gate, clock, warm: upstream.warm },
    options.warmTimeoutMs === undefined ? {} : { warmTimeoutMs: options.warmTimeoutMs },
  );
  const record = await openRecord({ dir: options.recordDir, clock });
  let sourceError: string | undefined;

  const status = (): GatewayStatus => ({
    serving: keeper.table.entries,
    revision: Number.isNaN(keeper.table.revision) ? null : keeper.table.revision,
    kill: kill.status(),
    modelServer: upstream.up ? "up" : "down",
    inFlight: pipeline.inFlight,
    sourceError,
  });
  const routes = gatewayRoutes({
    authenticate,
    limits,
    inFlight: () => pipeline.inFlight,
    table: () => keeper.table,
    unserved: unservedVersion(ports.gate, () => keeper.table.revision),
    upstream,
    record,
    clock,
    ready: () => keeper.ready && upstream.up && kill.status().closed === undefined,
    status,
    pipeline: () => ({ routes: pipeline.describe() }),
  });
  const pipeline = new Pipeline([...routes.values()], kill, monotonic);

  async function lookAtKill(): Promise<void> {
    await kill.poll();
    // Not only after news: growing stale is the absence of news.
    pipeline.cutKilled();
  }
  async function lookAtSource(): Promise<void> {
    try {
      await keeper.poll();
      sourceError = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (sourceError !== message) options.note?.(`gateway: cannot read what is promoted: ${message}`);
      sourceError = message;
    }
  }
  await Promise.all([lookAtKill(), lookAtSource()]);

  const connections = new WeakMap<Socket, ConnectionState>();
  const answer = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void => {
    const { socket } = request;
    let connection = connections.get(socket);
    if (!connection) connections.set(socket, (connection = { inFlight: 0, last: undefined }));
    const state = connection;
    state.inFlight++;
    state.last = { request, response };
    response.once("close", () => state.inFlight--);
    const path = parsePath(request.url ?? "");
    const route = path && routes.get(path.kind);
    if (!route || route.method !== request.method) {
      answerUnrouted(request, response, path === undefined, record, clock);
      return;
    }
    const head = {
      method: request.method,
      path: request.url!,
      headers: request.headers,
      peer: socket.remoteAddress,
      inFlight: state.inFlight,
    };
    const exchange = new Exchange(randomUUID(), head, route.title, path.target, monotonic.now());
    void pipeline.run(route, exchange, new SocketIo(request, response, expectsContinue));
  };

  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.max(50, Math.min(1000, limits.headTimeoutMs / 4)),
    keepAliveTimeout: 30_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
    noDelay: true,
  });
  server.on("request", (request, response) => answer(request, response, false));
  server.on("checkContinue", (request, response) => answer(request, response, true));
  server.on("checkExpectation", (_request, response: ServerResponse) => response.writeHead(417).end());
  server.on("upgrade", (_request, socket) =>
    socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    answerBrokenRequest(socket, error, connections.get(socket), record, clock),
  );
  const stopKill = every(pollMs, lookAtKill);
  const stopSource = every(pollMs, lookAtSource);
  const stopSweep = every(1000, async () => pipeline.cutOlderThan(limits.answerTimeoutMs));
  const stopAll = async (): Promise<void> => {
    keeper.close();
    await Promise.all([stopKill(), stopSource(), stopSweep()]);
    await upstream.close();
    await record.close();
  };
  try {
    await listen(server, options.port ?? 0, host);
  } catch (error) {
    await stopAll();
    throw error;
  }
  const { port, family, address } = server.address() as AddressInfo;
  options.note?.(declaredGaps(pipeline.describe()));
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    status,
    pipeline: () => pipeline.describe(),
    async refresh() {
      await Promise.all([lookAtKill(), lookAtSource()]);
    },
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), 5000);
      await closed;
      clearTimeout(force);
      await stopAll();
    },
  };
}

/** What routes skip on purpose, in one line; the page lists each with its reason. */
function declaredGaps(routes: readonly RouteDescription[]): string {
  const empty = [
    ...new Set(
      routes.flatMap(({ stages }) => stages.filter(({ none }) => none !== undefined).map(({ stage }) => stage)),
    ),
  ];
  return `stages some routes leave empty on purpose: ${empty.join(", ")} (reasons at /castellan/pipeline)`;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const message = `The gateway cannot listen on ${host}:${port} (${cause.code ?? cause.message})`;
      reject(
        new CastellanError("IO", { message, next: "Choose another port (--port N, or 0 for a free one).", cause }),
      );
    });
    server.listen(port, host, 1024, resolve);
  });
}
