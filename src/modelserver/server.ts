import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultTenant, isName } from "../core/asset.ts";
import { equalBytes, sha256, utf8 } from "../kit/bytes.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import type { ModelServerOptions, ModelServerPorts } from "../serve/model-server-options.ts";
import type { UpstreamEndpoint } from "../serve/ports.ts";
import { Refusal, refusalBody, refusalOf, refuse } from "../serve/refusal.ts";
import { bodyTooLarge } from "../serve/steps/limits.ts";
import { type Answer, infer, jsonAnswer, metadata } from "./answers.ts";
import { loadVersion } from "./loaded-version.ts";
import { VersionCache } from "./version-cache.ts";

/** A running model server. */
export interface ModelServer {
  readonly endpoint: UpstreamEndpoint;
  /** Versions in memory. */
  loaded(): readonly { readonly tenant: string; readonly digest: Digest }[];
  close(): Promise<void>;
}

const modelPath = /^(?:\/t\/([^/]+))?\/v2\/models\/([^/]+)(?:\/versions\/([0-9a-f]{64}))?(\/ready|\/infer)?$/;

/**
 * Starts the KServe V2 / Open Inference Protocol REST server on 127.0.0.1. It serves versions by digest and knows no
 * aliases, verdicts or kill switch: those are the gateway's, and the secret keeps everybody else out.
 *
 * `POST /v2/models/{name}/versions/{64 hex}/infer` takes the model's own input tensors, or, for a version with
 * `encoding.json`, one input per raw column: numbers in any numeric datatype, categories as BYTES, each of shape [N].
 * Models of other tenants are under `/t/{tenant}/v2/…`. `…/ready` loads the version if it is not loaded yet.
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export async function startModelServer(ports: ModelServerPorts, options: ModelServerOptions): Promise<ModelServer> {
  if (options.secret.length < 32) fail("CONFIG", "The model server's secret is too short");
  const wanted = sha256(utf8(`Bearer ${options.secret}`));
  const maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024;
  const cache = new VersionCache(
    async (tenant, digest) => {
      try {
        return await loadVersion(ports.runtime, digest, await ports.versions.load(tenant, digest));
      } catch (error) {
        throw unloadable(error);
      }
    },
    options.maxLoadedBytes ?? 1024 * 1024 * 1024,
  );

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (!equalBytes(sha256(utf8(request.headers.authorization ?? "")), wanted)) {
      refuse(401, "FORBIDDEN", {
        message: "Only the gateway may call the model server",
        next: "Send the request to the gateway.",
      });
    }
    const { url = "", method } = request;
    if (method === "GET") {
      if (url === "/v2/health/live") return jsonAnswer(200, { live: true });
      if (url === "/v2/health/ready") return jsonAnswer(200, { ready: true });
      if (url === "/v2")
        return jsonAnswer(200, { name: "castellan-modelserver", version: "2", extensions: ["binary_tensor_data"] });
      if (url === "/v2/models") return jsonAnswer(200, { loaded: cache.loaded });
    }
    const [match, tenant = defaultTenant, name = "", hex, action] = modelPath.exec(url) ?? [];
    if (match === undefined || !isName(tenant) || !isName(name)) {
      return refuse(404, "NOT_FOUND", {
        message: "There is nothing here",
        next: "Models are at /v2/models/{name}/versions/{digest}.",
      });
    }
    if (method !== (action === "/infer" ? "POST" : "GET"))
      refuse(405, "USAGE", { message: "This path does not take this method" });
    if (hex === undefined) {
      return refuse(404, "NOT_FOUND", {
        message: "The model server knows versions, not which one is promoted",
        next: "Name one (/versions/{64 hex digits}), or ask the gateway.",
      });
    }
    const digest = digestOfHex(hex);
    const body = action === "/infer" ? await readBody(request, maxBodyBytes) : undefined;
    return cache.use(tenant, digest, (version) => {
      if (action === "/ready") return jsonAnswer(200, { name, ready: true });
      return body ? infer(name, version, body, headerLengthOf(request)) : metadata(name, version);
    });
  }

  const server = createServer(
    { keepAliveTimeout: 30_000, requestTimeout: 60_000, noDelay: true },
    (request, response) => {
      request.on("error", () => {});
      answer(request)
        .catch((error: unknown) => {
          const refusal = refusalOf(error);
          return { status: refusal.status, body: utf8(refusalBody(refusal)) } satisfies Answer;
        })
        .then((done) => send(request, response, done))
        .catch(() => response.destroy());
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { origin: `http://127.0.0.1:${port}`, secret: options.secret },
    loaded: () => cache.loaded,
    async close() {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeIdleConnections();
      const force = setTimeout(() => server.closeAllConnections(), 3000);
      await closed;
      clearTimeout(force);
      cache.close();
    },
  };
}

/** A version that cannot be loaded is not the client's mistake, whatever its code would mean about a request. */
function unloadable(error: unknown): Refusal {
  const refusal = refusalOf(error);
  const { code, where, next } = refusal;
  if (refusal.status >= 500 || !isCastellanError(error, "MALFORMED", "UNSUPPORTED", "LIMIT", "USAGE")) return refusal;
  return new Refusal(503, code, {
    message: `The version cannot be loaded: ${refusal.message}`,
    where,
    next,
    cause: error,
  });
}

function headerLengthOf(request: IncomingMessage): number | undefined {
  const header = request.headers["inference-header-content-length"];
  if (header === undefined) return undefined;
  return typeof header === "string" && /^\d{1,10}$/.test(header) ? Number(header) : Number.NaN;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headerLength }: Answer): void {
  const headers = ["content-type", headerLength === undefined ? "application/json" : "application/octet-stream"];
  headers.push("content-length", String(body.length));
  if (headerLength !== undefined) headers.push("inference-header-content-length", String(headerLength));
  if (!request.complete) headers.push("connection", "close");
  response.writeHead(status, headers);
  response.end(body);
}
