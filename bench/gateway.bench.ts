// CPU per request of the gateway's pipeline beyond bare undici forwarding, and how soon a promotion shows under load.
// Usage: node bench/gateway.bench.ts [requests per round, default 20000] [swaps, default 20]
// Load generator, upstream, bare forwarder and gateway are processes of their own; CPU is each process's own user + system time.
import { type ChildProcess, fork } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "undici";
import { promoteThroughGate, readPolicy } from "../src/app/flows/gate-version.ts";
import { createHome } from "../src/app/home/create.ts";
import { openHome } from "../src/app/home/open.ts";
import { startServing } from "../src/app/processes/supervise.ts";
import { startGateway } from "../src/gateway/gateway.ts";
import { type Digest, digestOfHex } from "../src/kit/digest.ts";
import { fileKillMirror } from "../src/serve/kill-mirror.ts";
import { killVerifier } from "../src/serve/kill-statement.ts";

const requests = Number(process.argv[2] ?? 20_000);
const swaps = Number(process.argv[3] ?? 20);
const concurrency = 32;
const rounds = 3;
const digest = digestOfHex("a".repeat(64));
const secret = "bench-secret-bench-secret-bench-secret";
const answer = Buffer.from(
  JSON.stringify({
    model_name: "credit",
    model_version: "a".repeat(64),
    outputs: [
      { name: "label", datatype: "INT64", shape: [1], data: [1] },
      { name: "probabilities", datatype: "FP32", shape: [1, 2], data: [0.029816150665283203, 0.9701838493347168] },
    ],
  }),
);
const body = JSON.stringify({
  inputs: [{ name: "input", datatype: "FP32", shape: [1, 61], data: Array.from({ length: 61 }, (_, n) => n + 0.5) }],
});
const path = "/v2/models/credit/infer";
const headers = { "content-type": "application/json" };

function row(name: string, figure: number, unit: string, aim = ""): void {
  console.log(`${name.padEnd(52)} ${figure.toFixed(1).padStart(8)} ${unit.padEnd(12)} ${aim}`);
}

// ---- the processes -------------------------------------------------------------------------------------------------

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", 1024, resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function upstreamProcess(): Promise<string> {
  const headers = ["content-type", "application/json", "content-length", String(answer.length)];
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(200, headers).end(answer));
  });
  return listen(server);
}

/** The floor: read the body, dispatch, pipe the answer. Nothing else. */
async function bareProcess(upstream: string): Promise<string> {
  const pool = new Pool(upstream, { connections: 128, pipelining: 1 });
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sent = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const headers = { "content-type": "application/json" };
      pool.dispatch(
        { method: "POST", path: request.url!, headers, body: sent },
        {
          onRequestStart() {},
          onResponseStart(_controller, status, answered) {
            response.writeHead(status, {
              "content-type": String(answered["content-type"]),
              "content-length": String(answered["content-length"]),
            });
          },
          onResponseData(_controller, chunk) {
            response.write(chunk);
          },
          onResponseEnd() {
            response.end();
          },
          onResponseError() {
            response.destroy();
          },
        },
      );
    });
  });
  return listen(server);
}

async function gatewayProcess(upstream: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "castellan-bench-"));
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  const { publicKey } = generateKeyPairSync("ed25519");
  const gateway = await startGateway(
    {
      source: {
        revision: async () => 1,
        snapshot: async () => [
          { tenant: "default", name: "credit", alias: "prod", digest, canary: undefined, canaryWeight: 0, sequence: 1 },
        ],
      },
      gate: {
        admit: async (tenant, name, alias, version) => ({
          outcome: "pass",
          tenant,
          name,
          alias,
          version,
          policy: { name: "bench", digest },
          evaluatedAt: "",
          requirements: [],
        }),
      },
      killSource: { title: "none", stamp: async () => "", read: async () => [] },
      killMirror: fileKillMirror(join(home, "kill-epoch.json")),
      killVerifier: killVerifier([publicKey]),
      upstream: () => ({ origin: upstream, secret }),
      clock: { now: () => Date.now() },
      monotonic: { now: () => performance.now() },
    },
    { recordDir: join(home, "record") },
  );
  return gateway.url;
}

const role = process.env["BENCH_ROLE"];
if (role) {
  const upstream = process.env["BENCH_UPSTREAM"] ?? "";
  const started = { upstream: upstreamProcess, bare: bareProcess, gateway: gatewayProcess }[role];
  const url = await started!(upstream);
  process.on("message", () => process.send!({ cpu: process.cpuUsage() }));
  process.once("disconnect", () => process.exit());
  process.send!({ url });
} else {
  await main();
}

// ---- the measurement -----------------------------------------------------------------------------------------------

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

function launch(role: string, upstream = ""): Promise<Started> {
  const child = fork(new URL(import.meta.url).pathname, [], {
    env: { ...process.env, BENCH_ROLE: role, BENCH_UPSTREAM: upstream },
    execArgv: [],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (message: { url: string }) => resolve({ child, url: message.url }));
    child.once("exit", () => reject(new Error(`${role} ended`)));
  });
}

/** Microseconds of CPU the process has used so far. */
function cpuOf({ child }: Started): Promise<number> {
  return new Promise((resolve) => {
    child.once("message", (message: { cpu: NodeJS.CpuUsage }) => resolve(message.cpu.user + message.cpu.system));
    child.send("cpu");
  });
}

async function drive(pool: Pool, count: number): Promise<{ failed: number; ms: number[] }> {
  let left = count;
  let failed = 0;
  const ms: number[] = [];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) {
        const since = performance.now();
        const { statusCode, body: answered } = await pool.request({ method: "POST", path, headers, body });
        await answered.dump();
        ms.push(performance.now() - since);
        if (statusCode !== 200) failed++;
      }
    }),
  );
  return { failed, ms };
}

async function cpuPerRequest(
  target: Started,
  pool: Pool,
): Promise<{ cpu: number; rps: number; failed: number; p50: number; p99: number }> {
  const since = performance.now();
  const before = await cpuOf(target);
  const { failed, ms } = await drive(pool, requests);
  const cpu = ((await cpuOf(target)) - before) / requests;
  ms.sort((a, b) => a - b);
  const at = (share: number) => ms[Math.floor(ms.length * share)] ?? 0;
  return { cpu, rps: (requests / (performance.now() - since)) * 1000, failed, p50: at(0.5), p99: at(0.99) };
}

async function main(): Promise<void> {
  const upstream = await launch("upstream");
  const [bare, gateway] = [await launch("bare", upstream.url), await launch("gateway", upstream.url)];
  const pools = {
    bare: new Pool(bare.url, { connections: concurrency }),
    gateway: new Pool(gateway.url, { connections: concurrency }),
  };
  await drive(pools.bare, Math.min(requests, 3000));
  await drive(pools.gateway, Math.min(requests, 3000));
  const best = { bare: Number.POSITIVE_INFINITY, gateway: Number.POSITIVE_INFINITY };
  let last = await cpuPerRequest(gateway, pools.gateway);
  for (let round = 0; round < rounds; round++) {
    best.bare = Math.min(best.bare, (await cpuPerRequest(bare, pools.bare)).cpu);
    last = await cpuPerRequest(gateway, pools.gateway);
    best.gateway = Math.min(best.gateway, last.cpu);
    if (last.failed > 0) throw new Error(`${last.failed} requests failed`);
  }
  row("bare node:http + undici dispatch", best.bare, "µs CPU/req", "43–58");
  row("gateway, every stage, record with fdatasync", best.gateway, "µs CPU/req");
  row("the pipeline beyond bare forwarding", best.gateway - best.bare, "µs CPU/req", "≤ 60");
  row(`gateway throughput, ${concurrency} connections`, last.rps, "req/s");
  row("gateway latency p50", last.p50, "ms");
  row("gateway latency p99", last.p99, "ms");
  for (const { child } of [upstream, bare, gateway]) child.kill();
  await Promise.all(Object.values(pools).map((pool) => pool.destroy()));
  await promotions();
}

/** Real processes over a real home: from the promotion's acknowledgement to the first answer by the new version, at 200 rps. */
async function promotions(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "castellan-bench-home-"));
  const policy = `version: 1
name: bench
signers:
  operator: { keys: [operator] }
aliases:
  prod:
    require:
      - { id: evaluated, statement: evaluation, at: /score, op: ">=", value: 0.5, signedBy: [operator] }
`;
  await createHome(root, { origin: "bench.example/log", policy });
  const home = await openHome(root);
  const tenant = "default";
  const versions: Digest[] = [];
  for (const model of ["logreg", "mlp"]) {
    const file = (name: string) => ({
      path: name,
      async *open() {
        yield readFileSync(new URL(`../examples/credit/${name}`, import.meta.url));
      },
    });
    const { digest: version } = await home.registry.register({
      tenant,
      kind: "model",
      name: "credit",
      files: [file(`${model}.onnx`)],
    });
    await home.registry.declare({
      tenant,
      version,
      predicateType: "urn:castellan:evaluation:v1",
      predicate: { score: 1 },
    });
    versions.push(version);
  }
  const ready = readPolicy(home, home.policy);
  const promote = (version: Digest) => promoteThroughGate(home, ready, "credit", { tenant, alias: "prod", version });
  await promote(versions[0]!);
  const serving = await startServing({ home: root });
  const pool = new Pool(serving.url, { connections: 64 });
  const seen: { readonly at: number; readonly version: string }[] = [];
  let failed = 0;
  const one = async (): Promise<void> => {
    const at = performance.now();
    const { statusCode, headers: answered, body: rest } = await pool.request({ method: "POST", path, headers, body });
    await rest.dump();
    if (statusCode === 200) seen.push({ at, version: String(answered["x-castellan-version"]) });
    else failed++;
  };
  await one();
  failed = 0;
  const load = setInterval(() => void one().catch(() => failed++), 5);
  const visible: number[] = [];
  for (let swap = 1; swap <= swaps; swap++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const to = versions[swap % 2]!;
    await promote(to);
    const at = performance.now();
    for (;;) {
      const first = seen.find((answered) => answered.at >= at && answered.version === to);
      if (first) {
        visible.push(first.at - at);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  clearInterval(load);
  await new Promise((resolve) => setTimeout(resolve, 200));
  visible.sort((a, b) => a - b);
  row("promote → visible at 200 rps, median", visible[Math.floor(visible.length / 2)] ?? 0, "ms", "< 200");
  row("promote → visible at 200 rps, worst", visible.at(-1) ?? 0, "ms", "< 200");
  row(`failed requests of ${seen.length + failed} over ${swaps} promotions`, failed, "", "0");
  await pool.destroy();
  await serving.stop();
  await home.close();
  rmSync(root, { recursive: true, force: true });
}
