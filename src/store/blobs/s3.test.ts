import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "../../core/ports.ts";
import { s3Blobs } from "./s3.ts";
import type { S3Options } from "./s3-client.ts";
import { type S3Server, startS3Server } from "./s3-server.fixture.ts";

const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** A server that answers as the test says, so that everything which can go wrong does. */
let server: Server | undefined;
let seen: Seen[] = [];

async function scripted(
  answer: (request: Seen, response: ServerResponse) => void,
  more: Partial<S3Options> = {},
): Promise<BlobStore> {
  seen = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(parts) };
      seen.push(one);
      answer(one, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return store({ endpoint: `http://127.0.0.1:${port}`, ...more });
}

function store(more: Partial<S3Options>): BlobStore {
  return s3Blobs({
    endpoint: "http://127.0.0.1:1",
    bucket: "blobs",
    region: "eu-central-1",
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey,
    backoffMs: 1,
    ...more,
  });
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function* of(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count++;
  return count;
}

const part = 8 * 1024 * 1024;
const big = () => of(Buffer.alloc(part), Buffer.alloc(part), Buffer.alloc(10));

/** Plays the multipart protocol; `spoil` may answer a request otherwise by returning true. */
function multipart(spoil: (request: Seen, response: ServerResponse) => boolean) {
  return (request: Seen, response: ServerResponse) => {
    const query = new URL(request.url, "http://x").searchParams;
    if (spoil(request, response)) return;
    if (request.method === "POST" && query.has("uploads"))
      response.end("<InitiateMultipartUploadResult><UploadId>id&amp;1</UploadId></InitiateMultipartUploadResult>");
    else if (request.method === "PUT") response.setHeader("etag", `"${query.get("partNumber")}"`).end();
    else if (request.method === "POST") response.end("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
    else if (request.method === "HEAD") response.setHeader("content-length", 2 * part + 10).end();
    else response.writeHead(204).end();
  };
}

describe("blobs in an S3 bucket", () => {
  it("signs every request so that a server which checks would agree", async () => {
    const blobs = await scripted((request, response) => {
      if (request.url.includes("list-type")) response.end("<ListBucketResult></ListBucketResult>");
      else response.setHeader("content-length", 0).end();
    });
    await blobs.write("a/b-c_d", of(Buffer.from("hello")));
    await drain(blobs.read("a/b-c_d"));
    await blobs.has("a/b-c_d");
    await blobs.delete("a/b-c_d");
    await drain(blobs.list());
    expect(seen.length).toBe(5);
    for (const request of seen) {
      const [, signedHeaders, signature] = /SignedHeaders=([^,]+), Signature=(\w+)/.exec(
        request.headers.authorization!,
      )!;
      expect(signature).toBe(expectedSignature(request, signedHeaders!));
      expect(request.headers["x-amz-content-sha256"]).toBe(createHash("sha256").update(request.body).digest("hex"));
      expect(request.headers["accept-encoding"]).toBe("identity");
    }
  });

  it.each([500, 502, 503, 429])("repeats a request that failed in passing with %i", async (status) => {
    let failures = 3;
    const blobs = await scripted((_, response) => response.writeHead(failures-- > 0 ? status : 200).end());
    expect(await blobs.write("a", of(Buffer.from("x"), Buffer.from("y")))).toBe(2);
    expect(seen.map(({ body }) => body.toString())).toEqual(["xy", "xy", "xy", "xy"]);
  });

  it("gives up as UNAVAILABLE after five attempts", async () => {
    const blobs = await scripted((_, response) => response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>"));
    await expect(blobs.has("a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(seen.length).toBe(5);
    await expect(blobs.write("a", of())).rejects.toThrow("SlowDown");
  });

  it("is UNAVAILABLE when nobody listens, or nobody answers", async () => {
    await expect(store({}).has("a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const silent = await scripted(() => undefined, { timeoutMs: 30 });
    await expect(drain(silent.read("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each([
    [403, "FORBIDDEN"],
    [401, "FORBIDDEN"],
    [404, "NOT_FOUND"],
    [507, "STORAGE_FULL"],
    [301, "CONFIG"],
    [400, "UNAVAILABLE"],
  ])("does not repeat a %i and calls it %s, without telling the secret", async (status, code) => {
    const blobs = await scripted((_, response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("<Error><Code>Nope</Code></Error>"),
    );
    for (const work of [() => blobs.write("a", of()), () => drain(blobs.read("a")), () => drain(blobs.list())]) {
      const error: unknown = await work().catch((error: unknown) => error);
      expect(error).toMatchObject({ code });
      expect(String(error) + JSON.stringify(error)).toContain("Nope");
      expect(String(error) + JSON.stringify(error)).not.toContain(secretAccessKey);
    }
    expect(seen.length).toBe(3);
  });

  it("notices a body that stops early, stalls, or has no announced length", async () => {
    const cut = await scripted((_, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 10);
    });
    await expect(drain(cut.read("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    server?.close();
    const stalled = await scripted((_, response) => response.writeHead(200, { "content-length": 100 }).write("half"), {
      timeoutMs: 30,
    });
    await expect(drain(stalled.read("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    server?.closeAllConnections();
    server?.close();
    const chunked = await scripted((_, response) => {
      response.write("some");
      response.end("thing");
    });
    await expect(drain(chunked.read("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("does not take a slow reader for a stalled server", async () => {
    const blobs = await scripted((_, response) => response.end(Buffer.alloc(2_000_000)), { timeoutMs: 60 });
    let length = 0;
    for await (const piece of blobs.read("a")) {
      if (length < 300_000) await new Promise((resolve) => setTimeout(resolve, 100));
      length += piece.length;
    }
    expect(length).toBe(2_000_000);
  });

  it("uploads a long stream in parts of 8 MiB", async () => {
    const blobs = await scripted(multipart(() => false));
    expect(await blobs.write("a", big())).toBe(2 * part + 10);
    const puts = seen.filter(({ method }) => method === "PUT");
    expect(puts.map(({ body }) => body.length)).toEqual([part, part, 10]);
    const completion = seen.find(({ body }) => body.includes("<CompleteMultipartUpload"));
    expect(completion?.body.toString()).toContain("<Part><PartNumber>3</PartNumber><ETag>&quot;3&quot;</ETag></Part>");
    expect(seen.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("aborts the upload when a part fails for good, and passes on why", async () => {
    const blobs = await scripted(
      multipart((request, response) => {
        if (!request.url.includes("partNumber=2")) return false;
        response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
        return true;
      }),
    );
    await expect(blobs.write("a", big())).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(seen.at(-1)).toMatchObject({ method: "DELETE", url: "/blobs/a?uploadId=id%261" });
  });

  it("aborts the upload when the source fails", async () => {
    const blobs = await scripted(multipart(() => false));
    const source = async function* () {
      yield* big();
      throw new Error("the source broke");
    };
    await expect(blobs.write("a", source())).rejects.toThrow("the source broke");
    expect(seen.at(-1)?.method).toBe("DELETE");
  });

  it("does not believe a completion that failed with status 200, or kept another length", async () => {
    const failing = await scripted(
      multipart((request, response) => {
        if (!request.body.includes("<CompleteMultipartUpload")) return false;
        response.end("<Error><Code>InternalError</Code></Error>");
        return true;
      }),
    );
    await expect(failing.write("a", big())).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(seen.at(-1)?.method).toBe("DELETE");
    server?.close();
    const shorter = await scripted(
      multipart((request, response) => {
        if (request.method !== "HEAD") return false;
        response.setHeader("content-length", part).end();
        return true;
      }),
    );
    await expect(shorter.write("a", big())).rejects.toMatchObject({ code: "INTEGRITY" });
  });

  it.each([
    "",
    "<html>",
    "<ListBucketResult><Contents><Key>a</Key></Contents>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
  ])("does not take %j for a listing", async (xml) => {
    const blobs = await scripted((_, response) => response.end(xml));
    await expect(drain(blobs.list())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("leaves foreign objects out of a listing, and stops one that goes round in circles", async () => {
    const page = (next: string) =>
      `<ListBucketResult>${["p/ok", "p/../x", "p/A.txt", "q/other", "p/"]
        .map((key) => `<Contents><Key>${key}</Key></Contents>`)
        .join("")}${next}</ListBucketResult>`;
    const blobs = await scripted((_, response) => response.end(page("")), { prefix: "p" });
    const keys: string[] = [];
    for await (const key of blobs.list()) keys.push(key);
    expect(keys).toEqual(["ok"]);
    server?.close();
    const again = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
    const circle = await scripted((_, response) => response.end(page(again)));
    await expect(drain(circle.list())).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it.each([
    { endpoint: "ftp://x" },
    { endpoint: "nonsense" },
    { endpoint: "http://user:pass@x" },
    { bucket: "../other" },
    { bucket: "A" },
    { prefix: "a/../b" },
    { prefix: "/a" },
    { prefix: "a//b" },
  ])("refuses the option %j at once", (option) => {
    expect(() => store(option)).toThrow(expect.objectContaining({ code: "CONFIG" }));
  });
});

describe("a listing of several pages", () => {
  let real: S3Server;
  beforeAll(async () => {
    real = await startS3Server();
  });
  afterAll(() => real.close());

  it("is complete", async () => {
    const { endpoint, bucket } = real;
    const blobs = store({ endpoint, bucket, accessKeyId: "S3RVER", prefix: "many", pageSize: 3 });
    const written = Array.from({ length: 10 }, (_, n) => `k${n}`);
    for (const key of written) await blobs.write(key, of(Buffer.from(key)));
    const keys: string[] = [];
    for await (const key of blobs.list()) keys.push(key);
    expect(keys).toEqual(written);
  });
});

/** AWS Signature Version 4 for S3, as a server computes it ("Authenticating Requests: Using the Authorization Header"). */
function expectedSignature(request: Seen, signedHeaders: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const [path, query = ""] = request.url.split("?");
  const date = String(request.headers["x-amz-date"]);
  const canonical = [
    request.method,
    path,
    query.split("&").sort().join("&"),
    ...signedHeaders.split(";").map((name) => `${name}:${String(request.headers[name])}`),
    "",
    signedHeaders,
    request.headers["x-amz-content-sha256"],
  ].join("\n");
  const scope = `${date.slice(0, 8)}/eu-central-1/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((key, text) => hmac(key, text), `AWS4${secretAccessKey}`);
  return hmac(key, toSign).toString("hex");
}
