// Speed and memory of age encryption, with the age-encryption package and the age program as peers in the same run.
// Usage: node bench/age.bench.ts [MiB, default 512]
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import { decryptBytes, decryptStream } from "../src/seal/age/decrypt.ts";
import { encryptBytes, encryptStream } from "../src/seal/age/encrypt.ts";
import { generateIdentity } from "../src/seal/age/identity.ts";

const mebibytes = Number(process.argv[2] ?? 512);
const megabytes = (mebibytes * 1_048_576) / 1e6;
const { identity, recipient } = generateIdentity();
const piece = Buffer.alloc(1_048_576, "an age of reason ");

async function* source(count: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield piece;
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of stream) void part;
}

function row(name: string, figure: number, unit: string, aim = ""): void {
  console.log(`${name.padEnd(44)} ${figure.toFixed(0).padStart(8)} ${unit.padEnd(14)} ${aim}`);
}

/** CPU seconds (user + system) of `work` in this process. */
async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** Megabytes per CPU-second, best of three after a warm-up. */
async function rate(work: () => Promise<unknown>): Promise<number> {
  await work();
  const runs = [await cpuSeconds(work), await cpuSeconds(work), await cpuSeconds(work)];
  return megabytes / Math.min(...runs);
}

/** How far the resident set grows above its start while `stream` is read, in MB. Sampled in the loop: no timer runs meanwhile. */
async function growth(stream: AsyncIterable<Uint8Array>): Promise<number> {
  const start = process.memoryUsage.rss();
  let top = start;
  let parts = 0;
  for await (const part of stream) {
    void part;
    if (parts++ % 64 === 0) top = Math.max(top, process.memoryUsage.rss());
  }
  return (top - start) / 1e6;
}

/** Ciphertext of `count` MiB, cut as it was made. */
async function encrypted(count: number): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of encryptStream(source(count), [recipient])) parts.push(part);
  return parts;
}

async function* replay(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

row(
  "age encrypt, stream",
  await rate(() => drain(encryptStream(source(mebibytes), [recipient]))),
  "MB/CPU-s",
  ">= 400",
);
row(
  "age encrypt, stream: memory growth",
  await growth(encryptStream(source(4 * mebibytes), [recipient])),
  "MB",
  "flat (< 50)",
);
{
  const parts = await encrypted(mebibytes);
  row("age decrypt, stream", await rate(() => drain(decryptStream(replay(parts), [identity]))), "MB/CPU-s", ">= 400");
  row(
    "age decrypt, stream: memory growth",
    await growth(decryptStream(replay(parts), [identity])),
    "MB",
    "flat (< 50)",
  );
}
{
  const small = Math.min(mebibytes, 64);
  const plain = Buffer.concat(Array.from({ length: small }, () => piece));
  const file = await encryptBytes(plain, [recipient]);
  const times = Math.max(1, Math.round(mebibytes / small));
  const repeat = (work: () => Promise<unknown>) => async () => {
    for (let n = 0; n < times; n++) await work();
  };
  row("age encrypt, 64 MiB at once", await rate(repeat(() => encryptBytes(plain, [recipient]))), "MB/CPU-s");
  row("age decrypt, 64 MiB at once", await rate(repeat(() => decryptBytes(file, [identity]))), "MB/CPU-s");
  const peerEncrypter = new Encrypter();
  peerEncrypter.addRecipient(recipient);
  const peerDecrypter = new Decrypter();
  peerDecrypter.addIdentity(identity);
  const peer = async (work: () => Promise<unknown>) => (small * 1.048576) / (await cpuSeconds(work));
  row("peer: age-encryption package, encrypt", await peer(() => peerEncrypter.encrypt(plain)), "MB/CPU-s");
  row("peer: age-encryption package, decrypt", await peer(() => peerDecrypter.decrypt(file)), "MB/CPU-s");
}

if (spawnSync("age", ["--version"]).status === 0) {
  const folder = mkdtempSync(join(tmpdir(), "castellan-bench-"));
  const plain = join(folder, "plain");
  const file = openSync(plain, "w");
  for (let n = 0; n < mebibytes; n++) writeSync(file, piece);
  closeSync(file);
  writeFileSync(join(folder, "key"), `${identity}\n`, { mode: 0o600 });
  execFileSync("age", ["-r", recipient, "-o", join(folder, "file"), plain]);
  row("peer: age program, encrypt", peerRate(["-r", recipient, plain]), "MB/CPU-s");
  row("peer: age program, decrypt", peerRate(["-d", "-i", join(folder, "key"), join(folder, "file")]), "MB/CPU-s");
  rmSync(folder, { recursive: true });
} else {
  console.log("peer: age program                            not run: age absent");
}

/** Megabytes per CPU-second of the age program; bash's `times` tells the CPU time of its children. */
function peerRate(args: readonly string[]): number {
  const report = execFileSync("bash", ["-c", 'age "$@" > /dev/null; times', "bash", ...args], { encoding: "utf8" });
  const children = report.trim().split("\n").at(-1) ?? "";
  const seconds = Array.from(children.matchAll(/(\d+)m([\d.]+)s/g), ([, m, s]) => Number(m) * 60 + Number(s));
  return megabytes / seconds.reduce((sum, value) => sum + value, 0);
}
