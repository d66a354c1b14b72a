import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Clock, timestamp } from "../kit/clock.ts";
import type { RequestRecord } from "../serve/record.ts";
import { Refusal, refusalBody } from "../serve/refusal.ts";

/** Answers a request no route takes: 404, or 405 where the path exists. Recorded like every other. */
export function answerUnrouted(
  request: IncomingMessage,
  response: ServerResponse,
  unknownPath: boolean,
  record: RequestRecord,
  clock: Clock,
): void {
  const refusal = unknownPath
    ? new Refusal(404, "NOT_FOUND", {
        message: "There is nothing here",
        next: "Models are at /v2/models/{name}/infer.",
      })
    : new Refusal(405, "USAGE", { message: "This path does not take this method" });
  const id = randomUUID();
  const line = { id, at: timestamp(clock), status: refusal.status, ended: "connection", code: refusal.code };
  void record
    .append(JSON.stringify(line))
    .catch(() => {})
    .then(() => {
      const body = refusalBody(refusal);
      response.writeHead(refusal.status, {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-castellan-request-id": id,
        // Nothing of the body was read: what follows on this connection must not be taken for a request.
        ...(request.complete ? {} : { connection: "close" }),
      });
      response.end(body);
    });
}

/** What is under way on a connection. */
export interface ConnectionState {
  /** Requests not yet answered. */
  inFlight: number;
  /** The newest of them. */
  last: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined;
}

/**
 * What node's HTTP parser refused: bytes that are no request, too much head, too slow. Answers in plain and closes.
 * Where an answer to an earlier request is due on the connection it only closes: a client must not take one for the other.
 */
export function answerBrokenRequest(
  socket: Socket,
  error: NodeJS.ErrnoException,
  connection: ConnectionState | undefined,
  record: RequestRecord,
  clock: Clock,
): void {
  const { inFlight = 0, last } = connection ?? {};
  // One request whose body broke, nothing sent yet: the answer is its own, and its exchange records how it ended.
  const broken = inFlight === 1 && last && !last.request.complete && !last.response.headersSent;
  if (error.code === "ECONNRESET" || !socket.writable || (inFlight > 0 && !broken)) {
    socket.destroy();
    return;
  }
  const refusal =
    error.code === "HPE_HEADER_OVERFLOW"
      ? new Refusal(431, "LIMIT", { message: "The request head is too large" })
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? new Refusal(408, "LIMIT", { message: "The request took too long to arrive" })
        : new Refusal(400, "MALFORMED", { message: "This is not a well-formed HTTP/1.1 request" });
  if (!broken) {
    const line = {
      id: randomUUID(),
      at: timestamp(clock),
      status: refusal.status,
      ended: "connection",
      code: refusal.code,
    };
    record.append(JSON.stringify(line)).catch(unrecorded);
  }
  const body = refusalBody(refusal);
  const reason = { 400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large" }[refusal.status];
  socket.end(
    `HTTP/1.1 ${refusal.status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** A record that cannot be written stops every request that could be served; this one is refused anyway. */
function unrecorded(): void {}
