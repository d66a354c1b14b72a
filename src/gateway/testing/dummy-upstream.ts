import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { UpstreamEndpoint } from "../../serve/ports.ts";
import { secret } from "./harness.ts";

/** Answers a request that is not a readiness probe. */
export type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A model server that does what a test says: slow, endless, broken. */
export interface DummyUpstream {
  readonly endpoint: UpstreamEndpoint;
  answer: Answer;
  /** Requests whose client has gone before the end. */
  readonly abandoned: string[];
  readonly requests: { readonly url: string; readonly headers: IncomingMessage["headers"]; readonly body: Buffer }[];
  close(): Promise<void>;
}

/** Starts it. */
export async function startDummyUpstream(answer: Answer): Promise<DummyUpstream> {
  const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = request.url ?? "";
      if (url.endsWith("/ready")) return void response.end("{}");
      const body = Buffer.concat(chunks);
      dummy.requests.push({ url, headers: request.headers, body });
      response.on("close", () => {
        if (!response.writableFinished) dummy.abandoned.push(url);
      });
      return dummy.answer(request, response, body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const dummy: DummyUpstream = {
    endpoint: { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret },
    answer,
    abandoned: [],
    requests: [],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return dummy;
}
