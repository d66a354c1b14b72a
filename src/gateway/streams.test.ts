import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import type { Gateway } from "./gateway.ts";
import { type Answer, type DummyUpstream, startDummyUpstream } from "./testing/dummy-upstream.ts";
import { Bench, post } from "./testing/harness.ts";

let bench: Bench;
let dummy: DummyUpstream;
let gateway: Gateway;
let infer: string;

const body = { inputs: [{ name: "input", datatype: "FP32", shape: [1], data: [1] }] };

/** A line every 10 ms, without end. */
const endless =
  (type: string): Answer =>
  (_request, response) => {
    response.writeHead(200, { "content-type": type });
    const timer = setInterval(() => response.write("data: x\n\n"), 10);
    response.on("close", () => clearInterval(timer));
  };

beforeEach(async () => {
  bench = await Bench.open();
  dummy = await startDummyUpstream((_request, response) => void response.end("{}"));
  bench.endpoint = dummy.endpoint;
  bench.world.promote("credit", bench.world.addVersion({ "m.onnx": utf8("one") }));
  gateway = await bench.startGateway();
  infer = `${gateway.url}/v2/models/credit/infer`;
});
afterEach(async () => {
  await bench.close();
  await dummy.close();
});

async function lastRecord(): Promise<Record<string, unknown>> {
  const [name = ""] = await readdir(join(bench.home, "record"));
  const text = await readFile(join(bench.home, "record", name), "utf8");
  return JSON.parse(text.trim().split("\n").at(-1)!.slice(0, -65)) as Record<string, unknown>;
}

/** Reads until the stream ends or breaks. */
async function drain(response: Response): Promise<{ readonly text: string; readonly broke: boolean }> {
  let text = "";
  try {
    for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
    return { text, broke: false };
  } catch {
    return { text, broke: true };
  }
}

describe("a streamed answer", () => {
  test("arrives as it is made, not at the end", async () => {
    dummy.answer = endless("text/event-stream");
    const response = await post(infer, body);
    const reader = response.body!.getReader();
    for (let n = 0; n < 3; n++) expect(String(Buffer.from((await reader.read()).value ?? []))).toContain("data: x");
    await reader.cancel();
  });

  test("comes through unchanged, large and fast, to a slow reader", async () => {
    const block = Buffer.alloc(64 * 1024, "abc");
    dummy.answer = (_request, response) => {
      for (let n = 0; n < 200; n++) response.write(block);
      response.end();
    };
    const response = await post(infer, body);
    let length = 0;
    let reads = 0;
    for await (const chunk of response.body!) {
      length += chunk.length;
      if (reads++ < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(length).toBe(200 * block.length);
  });

  test.each(["application/json", "text/event-stream"])(
    "%s is cut within a second by the kill switch, and cannot pass for complete",
    async (type) => {
      dummy.answer = endless(type);
      const response = await post(infer, body);
      expect(response.status).toBe(200);
      const reading = drain(response);
      await bench.world.kill("model", "default/credit");
      const { text, broke } = await reading;
      expect(broke).toBe(true);
      expect(text.includes("event: error") && text.includes("KILLED")).toBe(type === "text/event-stream");
      await expect.poll(() => dummy.abandoned.length).toBe(1);
      await expect.poll(lastRecord).toMatchObject({ ended: "kill-switch", code: "KILLED", status: 200 });
    },
  );

  test("is cut also when its next chunk would never come", async () => {
    dummy.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    };
    const reading = drain(await post(infer, body));
    await bench.world.kill("tenant", "default");
    expect((await reading).broke).toBe(true);
  });

  test("that has not begun is refused, not cut, when the switch falls", async () => {
    dummy.answer = () => {};
    const waiting = post(infer, body);
    await expect.poll(() => dummy.requests.length).toBe(1);
    await bench.world.kill("all", "");
    const response = await waiting;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "KILLED" } });
  });

  test("that takes longer than allowed is ended", async () => {
    await gateway.close();
    gateway = await bench.startGateway({ limits: { answerTimeoutMs: 100 } });
    dummy.answer = endless("application/json");
    expect((await drain(await post(`${gateway.url}/v2/models/credit/infer`, body))).broke).toBe(true);
    expect(await lastRecord()).toMatchObject({ ended: "limits" });
  });

  test("other models go on while one is killed", async () => {
    bench.world.promote("other", bench.world.addVersion({ "m.onnx": utf8("two") }));
    await gateway.refresh();
    await bench.world.kill("model", "default/credit");
    await gateway.refresh();
    expect((await post(infer, body)).status).toBe(503);
    expect((await post(infer.replace("credit", "other"), body)).status).toBe(200);
  });
});

describe("a client that leaves", () => {
  test.each([
    ["while the model server thinks", () => {}],
    ["while the answer comes", endless("application/json")],
  ] satisfies [string, Answer][])("%s stops the work upstream, and is recorded", async (_when, answer) => {
    dummy.answer = answer;
    const abort = new AbortController();
    const request = fetch(infer, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: abort.signal,
    });
    await expect.poll(() => dummy.requests.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    await expect(request.then((response) => response.text())).rejects.toThrow();
    await expect.poll(() => dummy.abandoned.length).toBe(1);
    await expect.poll(lastRecord).toMatchObject({ ended: "client-left" });
    expect(gateway.status().inFlight).toBe(0);
  });
});

describe("a model server that fails", () => {
  test("before its answer: 502, then answers again when it is back elsewhere", async () => {
    dummy.answer = (request) => request.socket.destroy();
    const broken = await post(infer, body);
    expect(broken.status).toBe(502);
    expect(await broken.json()).toMatchObject({
      error: { code: "UNAVAILABLE", next: expect.stringContaining("try again") },
    });
    bench.endpoint = undefined;
    expect((await post(infer, body)).status).toBe(503);
    expect((await fetch(`${gateway.url}/v2/health/ready`)).status).toBe(503);
    const second = await startDummyUpstream((_request, response) => void response.end("{}"));
    bench.endpoint = second.endpoint;
    expect((await post(infer, body)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${gateway.url}/v2/health/ready`)).status).toBe(200);
    await second.close();
    expect((await post(infer, body)).status).toBe(502);
  });

  test("in the middle of its answer: the answer is cut, not ended", async () => {
    dummy.answer = (request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"outputs":');
      setTimeout(() => request.socket.destroy(), 30);
    };
    expect((await drain(await post(infer, body))).broke).toBe(true);
    await expect.poll(lastRecord).toMatchObject({ ended: "upstream-broke" });
  });

  test("with fewer bytes than announced: no answer passes for complete", async () => {
    dummy.answer = (request, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{}");
      setTimeout(() => request.socket.destroy(), 30);
    };
    expect((await drain(await post(infer, body))).broke).toBe(true);
  });

  test("by silence: 504", async () => {
    await gateway.close();
    gateway = await bench.startGateway({ limits: { upstreamTimeoutMs: 1000 } });
    dummy.answer = () => {};
    expect((await post(`${gateway.url}/v2/models/credit/infer`, body)).status).toBe(504);
  });

  test("with headers that belong to its own connection: they stay there", async () => {
    dummy.answer = (_request, response) => {
      response.writeHead(200, {
        "content-type": "application/json",
        connection: "x-hop",
        "x-hop": "1",
        "keep-alive": "timeout=1",
        "proxy-authenticate": "Basic",
        "x-powered-by": "dummy",
        "x-castellan-version": "forged",
        "x-kept": "1",
      });
      response.end("{}");
    };
    const { headers } = await post(infer, body);
    for (const name of ["x-hop", "proxy-authenticate", "x-powered-by"]) expect(headers.get(name)).toBeNull();
    expect(headers.get("x-kept")).toBe("1");
    expect(headers.get("x-castellan-version")).toMatch(/^sha256:/);
  });
});
