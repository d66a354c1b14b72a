import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import type { Gateway } from "./gateway.ts";
import { type DummyUpstream, startDummyUpstream } from "./testing/dummy-upstream.ts";
import { Bench, post } from "./testing/harness.ts";
import { rawSocket } from "./testing/raw-socket.ts";

let bench: Bench;
let dummy: DummyUpstream;
let gateway: Gateway;
let infer: string;

beforeAll(async () => {
  bench = await Bench.open();
  dummy = await startDummyUpstream((_request, response) => void response.end('{"outputs":[]}'));
  bench.endpoint = dummy.endpoint;
  bench.world.promote("credit", bench.world.addVersion({ "m.onnx": utf8("one") }));
  gateway = await bench.startGateway({
    limits: {
      maxBodyBytes: 1000,
      maxHeaderBytes: 4096,
      headTimeoutMs: 300,
      requestTimeoutMs: 500,
      maxInFlightPerConnection: 3,
    },
  });
  infer = `${gateway.url}/v2/models/credit/infer`;
});
afterAll(async () => {
  await bench.close();
  await dummy.close();
});
beforeEach(() => {
  dummy.requests.length = 0;
});

const body = JSON.stringify({ inputs: [{ name: "input", datatype: "FP32", shape: [1], data: [1] }] });
const head = (more: string) =>
  `POST /v2/models/credit/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${more}\r\n`;
const whole = `${head(`Content-Length: ${body.length}\r\n`)}${body}`;

describe("bodies", () => {
  test.each([
    ["no JSON", "{"],
    ["not UTF-8", "\xff\xfe"],
    ["an array", "[]"],
    ["null", "null"],
    ["no inputs", "{}"],
    ["inputs that are no array", '{"inputs":{}}'],
    ["an input without a name", '{"inputs":[{"datatype":"FP32","shape":[1],"data":[1]}]}'],
    ["a negative shape", '{"inputs":[{"name":"x","datatype":"FP32","shape":[-1],"data":[1]}]}'],
    ["nothing", ""],
    ["deep nesting", "[".repeat(900)],
  ])("%s: 400 before anything is forwarded", async (_what, text) => {
    const response = await post(infer, text);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe("MALFORMED");
    expect(dummy.requests).toHaveLength(0);
  });

  test("an announced size beyond the limit is refused before the body is read", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(head("Content-Length: 1000000000\r\n"));
    expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 413 .*larger than 1000 bytes/s);
    await raw.closed;
  });

  test("an unannounced size beyond the limit is refused while it comes, and the sender still learns why", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(head("Transfer-Encoding: chunked\r\n"));
    for (let n = 0; n < 20; n++) raw.send(`64\r\n${"x".repeat(100)}\r\n`);
    expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 413/);
    await raw.closed;
  });

  test("compressed bodies and unknown types are refused", async () => {
    expect((await post(infer, body, { "content-encoding": "gzip" })).status).toBe(415);
    expect((await post(infer, body, { "content-type": "application/xml" })).status).toBe(415);
    expect((await post(infer, body, { "content-type": "application/jsonp" })).status).toBe(415);
  });

  test("a body on a GET is refused", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(`GET /v2/models/credit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\nbody`);
    expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 400/);
    raw.socket.destroy();
  });

  test.each(["-1", "abc", "999999", "1e1"])("Inference-Header-Content-Length %s is refused", async (length) => {
    expect((await post(infer, body, { "inference-header-content-length": length })).status).toBe(400);
    expect(dummy.requests).toHaveLength(0);
  });

  test("raw tensor bytes after the JSON are passed on with their length", async () => {
    const response = await fetch(infer, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(body.length) },
      body: Buffer.concat([Buffer.from(body), Buffer.from([0, 255, 128])]),
    });
    expect(response.status).toBe(200);
    expect(dummy.requests[0]?.headers["inference-header-content-length"]).toBe(String(body.length));
    expect(dummy.requests[0]?.body.length).toBe(body.length + 3);
  });

  test("exactly the bytes that were checked are forwarded", async () => {
    const odd = ` ${body.replace(",", " , ")}\n`;
    expect((await post(infer, odd)).status).toBe(200);
    expect(dummy.requests[0]?.body.toString()).toBe(odd);
  });
});

describe("slow and half requests", () => {
  test("a head that does not end is cut off", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send("POST /v2/models/credit/infer HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 408/);
    await raw.closed;
  });

  test("a body that does not end is cut off, and nothing is forwarded", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(`${head("Content-Length: 100\r\n")}{"inp`);
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1.1 408 /);
    expect(dummy.requests).toHaveLength(0);
    await expect.poll(() => gateway.status().inFlight).toBe(0);
  });

  test("a connection that says nothing costs nothing and is closed", async () => {
    const raw = await rawSocket(gateway.url);
    await raw.closed;
  });

  test("a client that leaves in the middle of its body leaves nothing behind", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(`${head("Content-Length: 100\r\n")}{"inp`);
    await expect.poll(() => gateway.status().inFlight).toBe(1);
    raw.socket.destroy();
    await expect.poll(() => gateway.status().inFlight).toBe(0);
  });

  test("Expect: 100-continue is honoured, and only when the body is wanted", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(head(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`));
    await raw.until((text) => text.startsWith("HTTP/1.1 100"));
    raw.send(body);
    expect(await raw.until((text) => text.includes("outputs"))).toContain("HTTP/1.1 200");
    raw.socket.destroy();
    const big = await rawSocket(gateway.url);
    big.send(head("Expect: 100-continue\r\nContent-Length: 100000\r\n"));
    expect(await big.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 413/);
  });
});

describe("request smuggling", () => {
  test.each([
    [
      "Content-Length and Transfer-Encoding",
      head(`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`) + body,
    ],
    ["two Content-Lengths", head(`Content-Length: 5\r\nContent-Length: ${body.length}\r\n`) + body],
    ["a list of Content-Lengths", head(`Content-Length: 5, ${body.length}\r\n`) + body],
    ["a signed Content-Length", head(`Content-Length: +${body.length}\r\n`) + body],
    ["an unknown transfer coding last", head("Transfer-Encoding: chunked, gzip\r\n") + "0\r\n\r\n"],
    ["a disguised transfer coding", head("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n"],
    ["a blank before the colon", head("Transfer-Encoding : chunked\r\n") + "0\r\n\r\n"],
    ["a folded header", head("X-A: b\r\n Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"],
    ["a bare line feed", whole.replaceAll("\r\n", "\n")],
    ["a bare carriage return in a header", head("X-A: b\rTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"],
    ["a NUL in a header", head("X-A: a\0b\r\n") + body],
    ["a chunk size that is no number", head("Transfer-Encoding: chunked\r\n") + "zz\r\n\r\n"],
    ["a chunk longer than it says", `${head("Transfer-Encoding: chunked\r\n")}2\r\nabcdef\r\n0\r\n\r\n`],
    ["HTTP/0.9", "GET /v2\r\n"],
    ["an unknown protocol", "GET /v2 HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n"],
    ["no Host", whole.replace("Host: 127.0.0.1\r\n", "")],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00"],
    ["HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("%s is refused, and the connection with it", async (_what, bytes) => {
    const raw = await rawSocket(gateway.url);
    // What follows must never be taken for a request of its own.
    raw.send(`${bytes}GET /v2/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await raw.until((text) => text.includes("\r\n\r\n"));
    await raw.closed;
    expect(raw.received()).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(raw.received()).not.toContain('{"live":true}');
    expect(dummy.requests).toHaveLength(0);
  });

  test("a head beyond the limit is refused with 431", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(head(`X-A: ${"a".repeat(5000)}\r\n`));
    expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 431/);
  });

  test("an absolute or odd target belongs to no route", async () => {
    for (const target of ["http://127.0.0.1/v2", "*", "//v2", "/v2\\models"]) {
      const raw = await rawSocket(gateway.url);
      raw.send(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      expect(await raw.until((text) => text.includes("}"))).toMatch(/^HTTP\/1.1 404/);
      raw.socket.destroy();
    }
  });

  test("CONNECT and Upgrade open no tunnel", async () => {
    for (const bytes of [
      "CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
      "GET /v2 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ]) {
      const raw = await rawSocket(gateway.url);
      raw.send(bytes);
      await raw.closed;
      expect(raw.received()).not.toMatch(/ (101|200) /);
    }
  });
});

describe("pipelining", () => {
  test("answers come in order", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(`${whole}GET /v2/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    const text = await raw.until((so) => so.includes('{"live":true}'));
    expect(text.indexOf("outputs")).toBeLessThan(text.indexOf('{"live":true}'));
    raw.socket.destroy();
  });

  test("more than the limit on one connection is refused", async () => {
    const raw = await rawSocket(gateway.url);
    raw.send(whole.repeat(6));
    const text = await raw.until((so) => (so.match(/HTTP\/1.1 /g) ?? []).length === 6);
    expect(text).toContain("429");
    expect((text.match(/ 200 /g) ?? []).length).toBeGreaterThanOrEqual(3);
    raw.socket.destroy();
  });
});
