import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chainStart, followChain } from "../serve/record-chain.ts";
import { applicant, Bench, columnsBody, creditFiles, post } from "./testing/harness.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

async function creditGateway() {
  const { world } = bench;
  const logreg = world.addVersion(await creditFiles("logreg"));
  const mlp = world.addVersion(await creditFiles("mlp"));
  world.promote("credit", logreg);
  await bench.startModels();
  const gateway = await bench.startGateway();
  return { world, gateway, logreg, mlp, infer: `${gateway.url}/v2/models/credit/infer` };
}

describe("a promoted and proven model", () => {
  test("answers named raw columns with a decision, a version and a request id", async () => {
    const { infer, logreg } = await creditGateway();
    const response = await post(infer, columnsBody(applicant()));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-castellan-version")).toBe(logreg);
    expect(response.headers.get("x-castellan-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const body = (await response.json()) as { outputs: { name: string; data: number[] }[] };
    expect(body.outputs.map((output) => output.name)).toEqual(["label", "probabilities"]);
    expect(body.outputs[0]?.data).toEqual([0]);
    expect(body.outputs[1]?.data[1]).toBeCloseTo(0.350182689, 5);
  });

  test("leaves a chained line in the record before the answer is complete", async () => {
    const { infer, logreg } = await creditGateway();
    const response = await post(infer, columnsBody(applicant()));
    await response.text();
    const [name = ""] = await readdir(join(bench.home, "record"));
    const bytes = await readFile(join(bench.home, "record", name));
    expect(followChain(bytes, chainStart).soundBytes).toBe(bytes.length);
    const line = JSON.parse(bytes.toString().trim().split("\n").at(-1)!.slice(0, -65));
    expect(line).toMatchObject({ model: "credit", version: logreg, status: 200, ended: "answered", by: "operator" });
    expect(line.id).toBe(response.headers.get("x-castellan-request-id"));
    expect(line.proof).toMatch(/^sha256:/);
  });
});
