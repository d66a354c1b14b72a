// The log: appends with fdatasync from concurrent callers, proof making and checking, audit.
//   node bench/ledger.bench.ts [appends, default 200000] [callers, default 1024] [folder, default the temporary one]
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signer } from "../src/core/ports.ts";
import { auditLog } from "../src/ledger/audit.ts";
import { leafHash, verifyConsistency, verifyInclusion } from "../src/ledger/merkle.ts";
import { openLogReader } from "../src/ledger/reader.ts";
import { openLogWriter } from "../src/ledger/writer.ts";

const appends = Number(process.argv[2] ?? 200_000);
const callers = Number(process.argv[3] ?? 1024);
const dir = mkdtempSync(join(process.argv[4] ?? tmpdir(), "castellan-bench-log-"));

function row(name: string, figure: number, unit: string, aim: string): void {
  const text = figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
  console.log(`| ${name} | ${text} | ${unit} | ${aim} |`);
}

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const signer: Signer = {
  keyId: "sha256:0000000000000000000000000000000000000000000000000000000000000000",
  algorithm: "ed25519",
  publicKey,
  sign: async (bytes) => sign(null, bytes, privateKey),
};

try {
  console.log("| what | figure | unit | aim |\n|---|---|---|---|");
  const clock = { now: () => Date.now() };
  const writer = await openLogWriter({ dir, origin: "example.com/bench", signer, clock });
  const entry = () => randomBytes(240);
  const warm = Math.min(2000, appends);
  for (let i = 0; i < warm; i += callers)
    await Promise.all(Array.from({ length: Math.min(callers, warm - i) }, () => writer.append(entry())));
  const waits = new Float64Array(appends);
  let next = 0;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const caller = async () => {
    for (let i = next++; i < appends; i = next++) {
      const asked = performance.now();
      await writer.append(entry());
      waits[i] = performance.now() - asked;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - start) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  waits.sort();
  row(`appends of 240 bytes, ${callers} callers, fdatasync`, appends / seconds, "/s", "≥ 25,000");
  row("append p50", quantile(waits, 0.5), "ms", "");
  row("append p99", quantile(waits, 0.99), "ms", "< 60");
  row("append worst", waits.at(-1) ?? Number.NaN, "ms", "");
  row("CPU per append", (cpu.user + cpu.system) / appends, "µs", "");
  const lag = performance.now();
  await writer.publish();
  row("publish of what was left", performance.now() - lag, "ms", "");
  const { size, vkey } = writer;
  const alone = performance.now();
  const single = Math.min(100, appends);
  for (let i = 0; i < single; i++) await writer.append(entry());
  row("append by one caller", (performance.now() - alone) / single, "ms", "");
  const both = performance.now();
  for (let i = 0; i < single; i++) {
    await writer.append(entry());
    await writer.publish();
  }
  row("append and publish by one caller", (performance.now() - both) / single, "ms", "");
  await writer.close();

  const reader = openLogReader(dir, { vkey });
  const count = Math.min(20_000, size);
  const picks = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
  let began = performance.now();
  const proofs = [];
  for (const index of picks) proofs.push(await reader.inclusionProof(index, size));
  row("inclusion proofs made", count / ((performance.now() - began) / 1000), "/s", "");
  const root = await reader.root(size);
  const leaves: Uint8Array[] = [];
  for await (const one of reader.entries(0, size)) leaves.push(leafHash(one));
  began = performance.now();
  for (const [i, index] of picks.entries()) verifyInclusion(index, size, leaves[index]!, root, proofs[i]!);
  row(
    `inclusion proofs checked (${proofs[0]?.length ?? 0} hashes)`,
    count / ((performance.now() - began) / 1000),
    "/s",
    "≥ 20,000",
  );
  const growth = [];
  for (const index of picks.slice(0, 2000)) {
    const older = index + 1;
    growth.push({ older, before: await reader.root(older), proof: await reader.consistencyProof(older, size) });
  }
  began = performance.now();
  for (let pass = 0; pass < 10; pass++)
    for (const { older, before, proof } of growth) verifyConsistency(older, before, size, root, proof);
  row("consistency proofs checked", (10 * growth.length) / ((performance.now() - began) / 1000), "/s", "≥ 20,000");
  began = performance.now();
  const report = await auditLog(dir, vkey);
  if (!report.ok) throw new Error(`the log does not audit: ${JSON.stringify(report.defects)}`);
  row("audit of the whole log", report.checkpoint!.size / ((performance.now() - began) / 1000), "entries/s", "");
} finally {
  rmSync(dir, { recursive: true, force: true });
}
