import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CastellanError, fail, isCastellanError } from "../../kit/errors.ts";
import { type AddCheckpoint, parseAddCheckpoint } from "./request.ts";
import type { Witness, WitnessAnswer } from "./witness.ts";

// The witness on HTTP: `POST /add-checkpoint`, nothing else. https://c2sp.org/tlog-witness

/** Bounds on what a stranger may cost us. */
const limits = {
  /** A checkpoint with a hundred signatures fits well. */
  bodyBytes: 256 * 1024,
  headerBytes: 8 * 1024,
  requestMs: 10_000,
  connections: 256,
  /** How long a caller under way may hold up the end. */
  closeMs: 2_000,
} as const;

/** A witness that listens. */
export interface WitnessServer {
  /** Where it listens, e.g. "http://127.0.0.1:4041"; the submission prefix. */
  readonly url: string;
  /** Stops listening; requests under way get two seconds to end. */
  close(): Promise<void>;
}

export interface WitnessServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Told about errors of ours (never about bad requests). */
  readonly onError?: (error: unknown) => void;
}

/** Serves `witness` over HTTP. @throws UNAVAILABLE when the address cannot be had */
export async function serveWitness(
  witness: Witness,
  { host, port, onError }: WitnessServerOptions,
): Promise<WitnessServer> {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      keepAliveTimeout: limits.requestMs,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      answerRequest(witness, request, response).catch((error: unknown) => {
        onError?.(error);
        reply(response, 500, "the witness cannot answer\n");
      });
    },
  );
  server.maxConnections = limits.connections;
  await listen(server, host, port);
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        const impatient = setTimeout(() => server.closeAllConnections(), limits.closeMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `the witness cannot listen on ${host}:${port}: ${cause.message}`;
      reject(new CastellanError("UNAVAILABLE", { message, next: "Choose another --listen address.", cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function answerRequest(witness: Witness, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0];
  if (path !== "/add-checkpoint") return reply(response, 404, "no such page\n");
  if (request.method !== "POST") return reply(response, 405, "send a POST request\n", { Allow: "POST" });
  let asked: AddCheckpoint;
  try {
    asked = parseAddCheckpoint(await readBody(request));
  } catch (error) {
    if (isCastellanError(error, "LIMIT")) return reply(response, 413, `${error.message}\n`, { Connection: "close" });
    if (isCastellanError(error, "MALFORMED")) return reply(response, 400, `${error.message}\n`);
    // The caller went away while sending: nobody is left to answer.
    response.destroy();
    return;
  }
  replyWith(response, await witness.addCheckpoint(asked));
}

function replyWith(response: ServerResponse, answer: WitnessAnswer): void {
  switch (answer.kind) {
    case "cosigned":
      return reply(response, 200, answer.line);
    case "conflict":
      return reply(response, 409, `${answer.size}\n`, { "Content-Type": "text/x.tlog.size" });
    case "malformed":
      return reply(response, 400, `${answer.why}\n`);
    case "unknown-log":
      return reply(response, 404, `${answer.why}\n`);
    case "bad-signature":
      return reply(response, 403, `${answer.why}\n`);
    case "bad-proof":
      return reply(response, 422, `${answer.why}\n`);
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const tooLarge = (): never => fail("LIMIT", `a request may have at most ${limits.bodyBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > limits.bodyBytes) tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  // Left open on an early end, so that the refusal can still be sent.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > limits.bodyBytes) tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reply(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers });
  response.end(body);
}
