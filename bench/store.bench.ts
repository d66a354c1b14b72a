// The metadata store: durable transactions, point reads, the revision the gateway polls.
//   node bench/store.bench.ts [transactions, default 2000] [PostgreSQL URL]
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { sha256Hex } from "../src/kit/bytes.ts";
import { digestOfHex } from "../src/kit/digest.ts";
import { openPostgresRepository } from "../src/store/postgres/open.ts";
import type { Repository } from "../src/store/repository.ts";
import { openSqliteRepository } from "../src/store/sqlite/open.ts";

const transactions = Number(process.argv[2] ?? 2000);
const url = process.argv[3];

function row(name: string, figure: number, unit: string, aim: string): void {
  const text = figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
  console.log(`| ${name} | ${text} | ${unit} | ${aim} |`);
}

/** Microseconds per call of `work`, called `times` times in turn. */
async function microseconds(times: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < times; n++) await work(n);
  return ((performance.now() - start) * 1000) / times;
}

const digestOf = (word: string) => digestOfHex(sha256Hex(Buffer.from(word)));
const moment = "2026-01-01T00:00:00Z";

async function register(repository: Repository, n: number): Promise<void> {
  await repository.transaction(async (tx) => {
    await tx.addStatement({
      digest: digestOf(`s${n}`),
      tenant: "default",
      predicateType: "urn:castellan:registration:v1",
      subjects: [digestOf(`v${n}`)],
      envelope: new Uint8Array(2000),
      salt: new Uint8Array(16),
      leaf: new Uint8Array(300),
      recordedAt: moment,
      state: "pending",
    });
    await tx.addVersion({
      tenant: "default",
      kind: "model",
      name: "credit",
      digest: digestOf(`v${n}`),
      topic: sha256Hex(Buffer.from(`t${n}`)).slice(0, 32),
      manifest: { files: [{ path: "model.onnx", size: 1, digest: digestOf(`f${n}`) }] },
      inputs: [{ digest: digestOf("data"), role: "training-data" }],
      facts: {},
      registeredAt: moment,
      statement: digestOf(`s${n}`),
      state: "live",
    });
  });
}

async function measure(name: string, repository: Repository, watcher: Repository): Promise<void> {
  await repository.addTenant("default", moment);
  row(
    `${name}: registration, durable`,
    1e6 / (await microseconds(transactions, (n) => register(repository, n))),
    "per second",
    "",
  );
  const read = await microseconds(transactions, (n) => repository.version("default", digestOf(`v${n}`)));
  row(`${name}: version by digest`, read, "µs", "");
  row(`${name}: revision, nothing changed`, await microseconds(transactions * 5, () => watcher.revision()), "µs", "");
}

console.log("| what | figure | unit | aim |\n|---|---|---|---|");
const folder = mkdtempSync(join(tmpdir(), "castellan-bench-store-"));
try {
  const path = join(folder, "store.db");
  const repository = await openSqliteRepository({ path, clock: Date });
  const watcher = await openSqliteRepository({ path, clock: Date, readOnly: true });
  await measure("SQLite", repository, watcher);
  await watcher.close();
  await repository.close();
} finally {
  rmSync(folder, { recursive: true });
}
if (url !== undefined) {
  const schema = `castellan_bench_${randomBytes(4).toString("hex")}`;
  const repository = await openPostgresRepository({ url, schema });
  await measure("PostgreSQL", repository, repository);
  await repository.close();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop schema ${schema} cascade`);
  await client.end();
}
