import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isRunning, type Serving, serve, until } from "./castellan-process.ts";
import { decide } from "./credit-requests.ts";
import { type DemoHomes, demoHomes } from "./demo-home.ts";

let homes: DemoHomes;
beforeAll(async () => {
  homes = await demoHomes();
}, 60_000);
afterAll(() => homes?.[Symbol.dispose]());

const gone = (pid: number): Promise<boolean> =>
  until(
    () => isRunning(pid),
    (running) => !running,
    20_000,
  );

/** Can somebody else listen on this port? */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

const answers = (server: Serving) =>
  until(
    () => decide(server.url).catch(() => undefined),
    (answer) => answer?.status === 200,
  );

test("a launcher killed with SIGKILL takes gateway and model server along, frees the port, and starts again", async () => {
  const home = homes.copy();
  const server = await serve(home);
  const { gateway, modelServer } = server.children();
  const port = Number(new URL(server.url).port);
  process.kill(server.pid, "SIGKILL");
  await server.ended;
  expect(await gone(gateway)).toBe(false);
  expect(await gone(modelServer)).toBe(false);
  expect(await until(() => isFree(port), Boolean)).toBe(true);
  await using again = await serve(home, ["--port", String(port)]);
  expect(new URL(again.url).port).toBe(String(port));
  expect(await answers(again)).toMatchObject({ status: 200 });
});

test("a model server or gateway killed with SIGKILL is started again, at the same address", async () => {
  await using server = await serve(homes.copy());
  for (const which of ["modelServer", "gateway"] as const) {
    const pid = server.children()[which];
    process.kill(pid, "SIGKILL");
    expect(await gone(pid)).toBe(false);
    expect(await answers(server)).toMatchObject({ status: 200 });
    expect(
      await until(
        () => server.children()[which],
        (now) => now !== pid,
      ),
    ).not.toBe(pid);
  }
  expect(server.said()).toMatch(/model server ended \(SIGKILL\)[\s\S]*gateway ended \(SIGKILL\)/);
  expect(await server.stop()).toBe(0);
});
