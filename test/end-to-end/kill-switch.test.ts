import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castellan, isRunning, type Serving, serve, succeed, until } from "./castellan-process.ts";
import { decide, type Decision } from "./credit-requests.ts";
import { type DemoHomes, demoHomes } from "./demo-home.ts";

let homes: DemoHomes;
let home: string;
let server: Serving;

beforeAll(async () => {
  homes = await demoHomes();
  home = homes.copy();
  server = await serve(home);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  homes?.[Symbol.dispose]();
});

const becomes = (status: number): Promise<Decision> =>
  until(
    () => decide(server.url).catch(() => undefined),
    (answer) => answer?.status === status,
  ) as Promise<Decision>;
const kill = (...target: string[]) => succeed(["kill", ...target, "--why", "drill", "--home", home]);
const resume = (...target: string[]) => succeed(["resume", ...target, "--home", home]);

describe("the kill switch", () => {
  test.each([
    [["model", "credit"], /^Model default\/credit is switched off: drill$/],
    [["tenant", "default"], /^Tenant default is switched off: drill$/],
    [["all"], /^Everything is switched off: drill$/],
  ])("kill %s stops it and resume lets it serve again", async (target, says) => {
    expect((await becomes(200)).status).toBe(200);
    await kill(...target);
    const refused = await becomes(503);
    expect(refused).toMatchObject({ status: 503, granted: [], error: { code: "KILLED" } });
    expect(refused.error?.message).toMatch(says);
    const status = await castellan(["status", "--home", home, "--json"]);
    expect(status).toMatchObject({ code: 1, json: { kills: [{ scope: target[0], killed: true, why: "drill" }] } });
    await resume(...target);
    expect((await becomes(200)).status).toBe(200);
  });

  test("another model's kill is not this one's", async () => {
    await kill("model", "fraud");
    expect((await decide(server.url)).status).toBe(200);
    await resume("model", "fraud");
  });

  test("cuts answers that are on their way", async () => {
    expect((await becomes(200)).status).toBe(200);
    // Eight large answers on one connection that nobody reads: more than the kernel takes off the gateway's hands.
    const rows = 34_000;
    const data = Array.from({ length: rows * 61 }, () => 0);
    const body = JSON.stringify({ inputs: [{ name: "input", datatype: "FP32", shape: [rows, 61], data }] });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.pause();
    const head = `POST /v2/models/credit/infer HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const requests = 8;
    for (let i = 0; i < requests; i++) socket.write(head + body);
    const inFlight = async (): Promise<number> =>
      ((await (await fetch(`${server.url}/castellan/status`)).json()) as { inFlight: number }).inFlight;
    expect(await until(inFlight, (n) => n > 1)).toBeGreaterThan(1);
    await kill("all");
    expect((await becomes(503)).error?.code).toBe("KILLED");
    const ended = new Promise((resolve) => {
      socket.on("error", () => {});
      socket.once("close", resolve);
    });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    const late = setTimeout(() => socket.destroy(), 5000);
    socket.resume();
    await ended;
    clearTimeout(late);
    const text = Buffer.concat(chunks).toString("latin1");
    const whole = text.split('"outputs":[').filter((part) => part.includes('"probabilities"') && /\]\}\]\}/.test(part));
    expect(whole.length).toBeLessThan(requests);
    expect(text).not.toMatch(/\]\}\]\}$/);
    await resume("all");
  });

  test("holds over a gateway that dies and over a restart of everything", async () => {
    await kill("model", "credit");
    expect((await becomes(503)).error?.code).toBe("KILLED");
    const { gateway } = server.children();
    process.kill(gateway, "SIGKILL");
    await until(
      () => isRunning(gateway),
      (running) => !running,
    );
    const answers: (number | undefined)[] = [];
    const restarted = await until(
      async () => {
        const answer = await decide(server.url).catch(() => undefined);
        answers.push(answer?.status);
        return answer;
      },
      (answer) => answer !== undefined,
    );
    expect(restarted).toMatchObject({ status: 503, error: { code: "KILLED" } });
    expect(answers).not.toContain(200);
    await server.stop();
    server = await serve(home);
    expect(await decide(server.url)).toMatchObject({ status: 503, error: { code: "KILLED" } });
    await resume("model", "credit");
    expect((await becomes(200)).status).toBe(200);
  });
});
