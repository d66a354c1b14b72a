import { afterAll, beforeAll, expect, test } from "vitest";
import { type Serving, serve, succeed, until } from "./castellan-process.ts";
import { decide, type Decision } from "./credit-requests.ts";
import { demo, type DemoHomes, demoHomes, hex } from "./demo-home.ts";

let homes: DemoHomes;
let home: string;
let server: Serving;
beforeAll(async () => {
  homes = await demoHomes({ bothProven: true });
  home = homes.copy(homes.bothProven);
  server = await serve(home);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  homes?.[Symbol.dispose]();
});

/** Asks without a pause, `lanes` at a time, until stopped. */
function keepAsking(lanes: number): { readonly answers: Decision[]; stop(): Promise<void> } {
  const answers: Decision[] = [];
  const asking = new AbortController();
  const lane = async (): Promise<void> => {
    while (!asking.signal.aborted) answers.push(await decide(server.url));
  };
  const running = Promise.all(Array.from({ length: lanes }, lane));
  return {
    answers,
    async stop() {
      asking.abort();
      await running;
    },
  };
}

const served = (digest: string): Promise<Decision> =>
  until(
    () => decide(server.url),
    ({ version }) => version?.includes(digest) ?? false,
  );

test("promote and roll back under continuous requests: none fails, and the version that answers changes", async () => {
  const asking = keepAsking(3);
  for (const [args, digest] of [
    [["promote", `credit@${demo.unproven}`, "prod"], hex.unproven],
    [["rollback", "credit"], hex.proven],
    [["promote", `credit@${demo.unproven}`, "prod", "--canary", "50"], hex.unproven],
    [["rollback", "credit"], hex.proven],
  ] as const) {
    await succeed([...args, "--home", home]);
    expect((await served(digest)).version).toContain(digest);
  }
  await asking.stop();
  expect(asking.answers.length).toBeGreaterThan(20);
  expect(asking.answers.filter(({ status }) => status !== 200)).toEqual([]);
  // What answered says so, and is right about it.
  const probability = { [hex.proven]: 0.350182689, [hex.unproven]: 0.091277609 };
  for (const { version, granted } of asking.answers) {
    const hexDigits = version?.replace("sha256:", "") ?? "";
    expect(Object.keys(probability)).toContain(hexDigits);
    expect(granted[0]).toBeCloseTo(probability[hexDigits]!, 5);
  }
  expect(new Set(asking.answers.map(({ version }) => version)).size).toBe(2);
});
