import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import { element } from "./s3-xml.ts";

/** Where the bucket is and who we are to it. */
export interface S3Options {
  /** `https://s3.eu-central-1.amazonaws.com`, `http://localhost:9000`, … Buckets are addressed by path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** For temporary credentials. */
  readonly sessionToken?: string;
  /** Put before every key, with a slash between. */
  readonly prefix?: string;
  /** Keys asked for per page of a listing, 1 to 1000. Default 1000. */
  readonly pageSize?: number;
  /** First pause before a repetition, ms; it doubles each time. Default 200. */
  readonly backoffMs?: number;
  /** How long one request may go without progress, ms. Default 60,000. */
  readonly timeoutMs?: number;
}

/** One request to the bucket. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Path in the bucket; "" is the bucket itself. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface S3Client {
  /**
   * The answer, once it is a good one or one of `accept`. What fails in passing is repeated with growing pauses.
   * @throws UNAVAILABLE, FORBIDDEN, NOT_FOUND, STORAGE_FULL, CONFIG
   */
  send(request: S3Request, accept?: readonly number[]): Promise<Answer>;
}

/** An answer whose body is read with a watch on progress. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as text, 16 MB at most. */
  text(): Promise<string>;
  /** The body piece by piece. @throws UNAVAILABLE when it stops coming or the connection breaks */
  pieces(): AsyncGenerator<Uint8Array, void, void>;
  /** Lets go of the body. */
  discard(): Promise<void>;
}

const attempts = 5;
const longestPauseMs = 5_000;
const maxTextBytes = 16_000_000;
const slowestBytesPerSecond = 64 * 1024;

/** @throws CONFIG for options that cannot work */
export function s3Client(options: S3Options): S3Client {
  const base = baseUrl(options);
  const { backoffMs = 200, timeoutMs = 60_000 } = options;
  const { accessKeyId, secretAccessKey, sessionToken, region } = options;
  const credentials = { accessKeyId, secretAccessKey, region, service: "s3", ...(sessionToken && { sessionToken }) };
  const signer = new AwsClient(credentials);

  async function once({ method, path, query, body }: S3Request): Promise<Answer> {
    const url = new URL(path === "" ? base : `${base.href}/${path}`);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    // Sending shows no progress, so it is allowed the time a slow line needs.
    const watch = stallWatch(timeoutMs + ((body?.length ?? 0) / slowestBytesPerSecond) * 1000);
    try {
      // The body's digest is signed with the rest: bytes that change on the way are refused.
      const headers = { "x-amz-content-sha256": sha256Hex(body ?? utf8("")) };
      const signed = await signer.sign(url, { method, headers, ...(body && { body }), redirect: "manual" });
      // Compression on the way would hide a wrong length. Proxies rewrite this header, so it is not signed.
      signed.headers.set("accept-encoding", "identity");
      return answerOf(await fetch(signed, { signal: watch.signal }), watch);
    } catch (error) {
      watch.pause();
      throw error;
    }
  }

  return {
    async send(request, accept = []) {
      for (let attempt = 1; ; attempt++) {
        const answer = await once(request).catch((error: unknown) => error);
        const final = attempt === attempts;
        if (isAnswer(answer)) {
          if ((answer.status >= 200 && answer.status < 300) || accept.includes(answer.status)) return answer;
          if (final || !passing(answer.status)) return await refuse(request, answer);
          await answer.discard();
        } else if (final) {
          return fail("UNAVAILABLE", {
            message: `the object store does not answer (${reason(answer)})`,
            where: base.origin,
            cause: answer,
          });
        }
        // Full jitter keeps many clients from coming back in step.
        await sleep(Math.min(longestPauseMs, backoffMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2));
      }
    },
  };
}

function baseUrl({ endpoint, bucket }: S3Options): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    return fail("CONFIG", "the object store's endpoint must be an http or https address without credentials");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    return fail("CONFIG", `"${bucket.slice(0, 80)}" cannot be the name of a bucket`);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${bucket}`;
  return url;
}

/** Worth asking again: the server's passing troubles and "slow down". */
function passing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 507);
}

/** Turns a bad answer into an error that says what the object store called it. */
async function refuse(request: S3Request, answer: Answer): Promise<never> {
  const { status } = answer;
  const told = request.method === "HEAD" ? undefined : element(await answer.text().catch(() => ""), "Code");
  await answer.discard();
  const code = told && /^\w{1,60}$/.test(told) ? told : `HTTP ${status}`;
  const message = `the object store refused ${request.method} ${request.path || "on the bucket"}: ${code}`;
  if (status === 404) return fail("NOT_FOUND", message);
  if (status === 401 || status === 403)
    return fail("FORBIDDEN", { message, next: "Check the access key and what it may do in this bucket." });
  if (status === 507) return fail("STORAGE_FULL", message);
  if (status >= 300 && status < 400)
    return fail("CONFIG", { message, next: "The bucket is elsewhere: check endpoint and region." });
  return fail("UNAVAILABLE", message);
}

interface StallWatch {
  readonly signal: AbortSignal;
  /** From now on something must arrive in time. */
  expect(): void;
  /** Nothing is awaited: the request is over, or its reader is busy. */
  pause(): void;
}

/** Aborts when something is awaited for longer than `timeoutMs`. */
function stallWatch(timeoutMs: number): StallWatch {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error(`no progress for ${Math.round(timeoutMs)} ms`));
  let timer = setTimeout(abort, timeoutMs);
  return {
    signal: controller.signal,
    expect() {
      clearTimeout(timer);
      timer = setTimeout(abort, timeoutMs);
    },
    pause: () => clearTimeout(timer),
  };
}

function answerOf(response: Response, watch: StallWatch): Answer {
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    try {
      watch.expect();
      for await (const piece of response.body ?? []) {
        watch.pause();
        yield piece;
        watch.expect();
      }
    } catch (error) {
      fail("UNAVAILABLE", { message: `the object store stopped sending (${reason(error)})`, cause: error });
    } finally {
      watch.pause();
    }
  }
  watch.pause();
  return {
    status: response.status,
    headers: response.headers,
    pieces,
    async text() {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const piece of pieces()) {
        length += piece.length;
        if (length > maxTextBytes) fail("UNAVAILABLE", "the object store's answer is far too long");
        parts.push(piece);
      }
      return Buffer.concat(parts).toString();
    },
    async discard() {
      await response.body?.cancel().catch(() => undefined);
    },
  };
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === "object" && value !== null && "pieces" in value;
}

/** The innermost cause, in a few words. Request headers, and with them credentials, are never part of it. */
function reason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return "unknown error";
  return "code" in inner && typeof inner.code === "string" ? inner.code : inner.message.slice(0, 100);
}
