import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { byColumns, byTensor, decide } from "./credit-requests.ts";
import { castellan, type Serving, serve, succeed } from "./castellan-process.ts";
import { applicants, type DemoHomes, demoHomes, example, hex } from "./demo-home.ts";

/** Probability of label 1 for the first rows of the test data, as scikit-learn computed them. */
const recorded = [0.350182689, 0.979929114, 0.273597408, 0.653415705, 0.43097721];
const predictions = fileURLToPath(
  new URL("../../../shared/data/models/credit/predictions_logreg.csv", import.meta.url),
);

let homes: DemoHomes;
let server: Serving;

beforeAll(async () => {
  homes = await demoHomes();
  server = await serve(homes.copy(), ["--demo"]);
}, 120_000);

afterAll(async () => {
  await server?.stop();
  homes?.[Symbol.dispose]();
});

/** The TCP port a process listens on, by /proc; undefined where there is none. */
function listeningPort(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/fd`)) return undefined;
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  for (const line of readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1)) {
    const parts = line.trim().split(/\s+/);
    if (parts[3] === "0A" && sockets.has(parts[9] ?? "")) return Number.parseInt(parts[1]!.split(":")[1]!, 16);
  }
  return undefined;
}

describe("castellan up --demo", () => {
  test("decides about applicants by named columns, as the model's makers computed it", async () => {
    const answer = await decide(server.url, { inputs: byColumns(applicants().slice(0, recorded.length)) });
    expect(answer).toMatchObject({ status: 200, error: undefined, labels: [0, 1, 0, 1, 0] });
    expect(answer.version).toContain(hex.proven);
    for (const [i, p] of recorded.entries()) expect(answer.granted[i]).toBeCloseTo(p, 5);
  });

  test("decides by the model's own tensor, all 300 applicants as published", async () => {
    const answer = await decide(server.url, { inputs: byTensor() });
    expect(answer.status).toBe(200);
    expect(answer.granted).toHaveLength(300);
    for (const [i, p] of recorded.entries()) expect(answer.granted[i]).toBeCloseTo(p, 5);
    if (!existsSync(predictions)) {
      console.log("compared with the recorded figures only: ../shared/data absent");
      return;
    }
    const published = readFileSync(predictions, "utf8").trim().split("\n").slice(1);
    expect(published).toHaveLength(300);
    for (const [i, line] of published.entries()) {
      const [, , p, label] = line.split(",");
      expect(Math.abs(answer.granted[i]! - Number(p))).toBeLessThan(1e-5);
      expect(answer.labels[i]).toBe(Number(label));
    }
  });

  test("a registered model that nothing proves is refused, and the answer says what it lacks", async () => {
    const answer = await decide(server.url, { path: `/v2/models/credit/versions/${hex.unproven}/infer` });
    expect([answer.status, answer.granted, answer.version]).toEqual([403, [], null]);
    expect(answer.error?.code).toBe("UNDECIDED");
    const missing = answer.error?.requirements?.map(({ id }) => id);
    expect(missing).toEqual(expect.arrayContaining(["training-run", "model-signature"]));
    expect(answer.error?.message).toContain("there is no training-run statement about it (needed from trainer)");
    expect(answer.error?.message).toContain("there is no model-signature statement about it (needed from operator)");
    // What does not exist is told apart from what is not proven.
    const unknown = await decide(server.url, { path: `/v2/models/credit/versions/${"0".repeat(64)}/infer` });
    expect(unknown).toMatchObject({ status: 404, error: { code: "NOT_FOUND" } });
  });

  test("the model server answers nobody but the gateway", async () => {
    const port = listeningPort(server.children().modelServer);
    if (port === undefined) {
      console.log("not run: where the model server listens is read from /proc");
      return;
    }
    const direct = `http://127.0.0.1:${port}`;
    const path = `/v2/models/credit/versions/${hex.proven}/infer`;
    for (const headers of [
      {},
      { authorization: "Bearer 0000000000000000000000000000000000000000000000000000000000000000" },
    ]) {
      const answer = await decide(direct, { path, headers });
      expect(answer).toMatchObject({ status: 401, error: { code: "FORBIDDEN" } });
      expect(answer.granted).toEqual([]);
    }
  });

  test("a home that is served already is not served twice", async () => {
    const second = await castellan(["up", "--home", server.home, "--port", "0", "--json"]);
    expect(second).toMatchObject({ code: 2, error: { code: "CONFLICT" } });
    expect(second.error?.message).toContain(server.url);
  });

  test("commands write while it serves, two at once too, and it goes on answering", async () => {
    const answers: number[] = [];
    const enough = new AbortController();
    const asking = (async () => {
      while (!enough.signal.aborted) answers.push((await decide(server.url)).status);
    })();
    const register = (file: string) =>
      castellan([
        "register",
        "data",
        join(example, file),
        "--name",
        file.toLowerCase(),
        "--home",
        server.home,
        "--json",
      ]);
    const done = await Promise.all(["origin.yaml", "run.yaml", "README.md"].map(register));
    enough.abort();
    await asking;
    expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await succeed(["store", "verify", "--home", server.home])).toMatchObject({ problems: [] });
    expect(await succeed(["ledger", "verify", "--home", server.home])).toMatchObject({ ok: true });
  });
});
