import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Digest } from "../../kit/digest.ts";
import { promoteThroughGate, readPolicy } from "../flows/gate-version.ts";
import { createHome } from "../home/create.ts";
import { type Home, openHome } from "../home/open.ts";
import { type Serving, type ServingState, startServing } from "./supervise.ts";

const credit = new URL("../../../examples/credit/", import.meta.url);
const policy = `version: 1
name: test
signers:
  operator: { keys: [operator] }
aliases:
  prod:
    require:
      - { id: evaluated, statement: evaluation, at: /score, op: ">=", value: 0.5, signedBy: [operator] }
`;

let root: string;
let home: Home;
let serving: Serving;
const notes: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "castellan-serving-"));
  await createHome(root, { origin: "test.example/log", policy });
  home = await openHome(root);
  await promote(await register("logreg", 0.9));
  serving = await startServing({ home: root, note: (line) => notes.push(line) });
}, 60_000);

afterAll(async () => {
  await serving?.stop();
  await home?.close();
  await rm(root, { recursive: true, force: true });
});

async function register(model: "logreg" | "mlp", score: number): Promise<Digest> {
  const files = ["encoding.json", `${model}.onnx`].map((path) => ({
    path,
    async *open() {
      yield await readFile(new URL(path, credit));
    },
  }));
  const { digest } = await home.registry.register({ tenant: "default", kind: "model", name: "credit", files });
  await home.registry.declare({
    tenant: "default",
    version: digest,
    predicateType: "urn:castellan:evaluation:v1",
    predicate: { score },
  });
  return digest;
}

async function promote(version: Digest): Promise<void> {
  const ready = readPolicy(home, home.layout.policy);
  await promoteThroughGate(home, ready, "credit", { tenant: "default", alias: "prod", version });
}

async function ask(): Promise<{ status: number; version: string | null; body: string }> {
  const response = await fetch(`${serving.url}/v2/models/credit/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      inputs: [{ name: "input", datatype: "FP32", shape: [1, 61], data: Array.from({ length: 61 }, () => 0) }],
    }),
  });
  return {
    status: response.status,
    version: response.headers.get("x-castellan-version"),
    body: await response.text(),
  };
}

async function until(check: () => Promise<boolean>, ms = 10_000): Promise<number> {
  const began = performance.now();
  while (performance.now() - began < ms) {
    if (await check().catch(() => false)) return performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${ms} ms; notes: ${notes.slice(-5).join("\n")}`);
}

test("serves what the home has promoted, and a promotion by another process shows within a second", async () => {
  const first = await ask();
  expect(first.status, first.body).toBe(200);
  const mlp = await register("mlp", 0.7);
  await promote(mlp);
  await until(async () => (await ask()).version === mlp);
  await home.registry.rollback({ tenant: "default", name: "credit", alias: "prod" });
  await until(async () => (await ask()).version === first.version);
});

test("kill and resume reach the running gateway, and a kill outlives its restart", async () => {
  await home.registry.setKill({ scope: "model", target: "default/credit", killed: true, why: "drill" });
  await until(async () => (await ask()).body.includes("drill"));
  const { pid } = serving.state().gateway;
  process.kill(pid!, "SIGKILL");
  await until(async () => (await ask()).status === 503);
  expect(serving.state().gateway.pid).not.toBe(pid);
  expect((await ask()).body).toContain("drill");
  await home.registry.setKill({ scope: "model", target: "default/credit", killed: false, why: "over" });
  await until(async () => (await ask()).status === 200);
});

test("a model server that dies is started again and requests are answered again", async () => {
  process.kill(serving.state().modelServer.pid!, "SIGKILL");
  await until(async () => (await ask()).status >= 502);
  await until(async () => (await ask()).status === 200);
});

test("an alias changed behind the registry's back serves nothing, until it is what was signed again", async () => {
  const version = (await ask()).version;
  const other = (await home.repository.versionsNamed("default", "credit")).find(
    ({ digest }) => digest !== version,
  )!.digest;
  const database = new DatabaseSync(home.layout.store);
  const point = (digest: string | null) => database.prepare("UPDATE aliases SET digest = ?").run(digest);
  point(other);
  await until(async () => (await ask()).status === 403);
  expect((await ask()).body).toContain("the signed statement sets it differently");
  point(version);
  await until(async () => (await ask()).version === version);
  database.close();
});

test("a policy that wants more takes effect on the running gateway", async () => {
  await writeFile(home.policy, policy.replace("value: 0.5", "value: 0.99"));
  await until(async () => (await ask()).status === 403, 2000);
  expect((await ask()).body).toContain("evaluated");
  await writeFile(home.policy, policy);
  await until(async () => (await ask()).status === 200, 2000);
});

test("serving processes end when their launcher is killed, and say why when they cannot start", async () => {
  const launcher = spawn(process.execPath, [new URL("testing/launcher.ts", import.meta.url).pathname, root], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(launcher.stdout, "data")) as [Buffer];
  const state = JSON.parse(line.toString()) as ServingState;
  const alive = (pid: number | undefined): boolean => {
    try {
      return process.kill(pid!, 0);
    } catch {
      return false;
    }
  };
  const pids = [state.gateway.pid, state.modelServer.pid];
  expect(pids.map(alive)).toEqual([true, true]);
  launcher.kill("SIGKILL");
  await until(async () => !pids.some(alive));
  await expect(startServing({ home: join(root, "nowhere") })).rejects.toThrow(
    expect.objectContaining({ code: "NOT_FOUND" }),
  );
});

test("a revoked version stops being served, with the reason", async () => {
  const version = (await ask()).version as Digest;
  await home.registry.revoke({ tenant: "default", version, why: "poisoned" });
  await until(async () => (await ask()).status === 403);
  expect((await ask()).body).toContain("revoked");
});
