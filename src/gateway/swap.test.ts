import { afterEach, beforeEach, expect, test } from "vitest";
import { Agent, request } from "undici";
import { applicant, Bench, columnsBody, creditFiles } from "./testing/harness.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

test("promotions and rollbacks under load show within 200 ms, and no request fails", async () => {
  const { world } = bench;
  const logreg = world.addVersion(await creditFiles("logreg"));
  const mlp = world.addVersion(await creditFiles("mlp"));
  world.promote("credit", logreg);
  await bench.startModels();
  const gateway = await bench.startGateway();
  await expect.poll(async () => (await fetch(`${gateway.url}/v2/health/ready`)).status).toBe(200);
  const body = JSON.stringify(columnsBody(applicant()));
  const dispatcher = new Agent({ connections: 16 });
  const seen: { readonly at: number; readonly version: string }[] = [];
  const failures: string[] = [];
  const over = new AbortController();
  const one = async (): Promise<void> => {
    const sent = performance.now();
    const answer = await request(`${gateway.url}/v2/models/credit/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      dispatcher,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) seen.push({ at: sent, version: String(answer.headers["x-castellan-version"]) });
    else failures.push(`${answer.statusCode} ${text}`);
  };
  const load = (async () => {
    const all: Promise<void>[] = [];
    while (!over.signal.aborted) {
      all.push(one().catch((error: unknown) => void failures.push(String(error))));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(all);
  })();
  for (let swap = 1; swap <= 6; swap++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const to = swap % 2 ? mlp : logreg;
    const at = performance.now();
    world.promote("credit", to);
    await expect
      .poll(() => seen.some((answer) => answer.at >= at && answer.version === to), { timeout: 20_000, interval: 2 })
      .toBe(true);
  }
  over.abort();
  await load;
  await dispatcher.close();
  expect(failures).toEqual([]);
  expect(seen.length).toBeGreaterThan(200);
  // How long it takes is measured by bench/gateway.bench.ts, not asserted here.
});

test("a request resolves once: an answer under way is not moved to another version", async () => {
  const { world } = bench;
  world.promote("credit", world.addVersion(await creditFiles("logreg")));
  const models = await bench.startModels();
  const gateway = await bench.startGateway();
  const body = columnsBody(applicant());
  const rows = Array.from({ length: 200 }, () => 1);
  const big = {
    inputs: body.inputs.map((input) => ({
      ...input,
      shape: [200],
      data: rows.map(() => (input["data"] as unknown[])[0]),
    })),
  };
  const mlp = world.addVersion(await creditFiles("mlp"));
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      if (index === 10) world.promote("credit", mlp);
      await new Promise((resolve) => setTimeout(resolve, index * 10));
      const response = await fetch(`${gateway.url}/v2/models/credit/infer`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(big),
      });
      const document = (await response.json()) as { model_version: string };
      return [response.headers.get("x-castellan-version"), `sha256:${document.model_version}`];
    }),
  );
  for (const [header, body] of answers) expect(body).toBe(header);
  expect(new Set(answers.map(([header]) => header)).size).toBe(2);
  expect(models.loaded()).toHaveLength(2);
});
