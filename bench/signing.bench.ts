// Signing and verifying models: throughput against one bare hash pass, many small files, cold start of the program.
//   node bench/signing.bench.ts [MiB of the large tree, default 1024] [small files, default 5000]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, writeSync, openSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signModel } from "../src/app/model-files/sign-model.ts";
import { verifyModel } from "../src/app/model-files/verify-model.ts";
import { generateKey, signerOf, writePrivateKey, writePublicKey } from "../src/seal/keys.ts";

const mebibytes = Number(process.argv[2] ?? 1024);
const smallFiles = Number(process.argv[3] ?? 5000);
const program = fileURLToPath(new URL("../bin/castellan", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "castellan-bench-signing-"));
const at = (name: string): string => join(folder, name);
const { privateKey, publicKey } = generateKey("ecdsa-p256");
const signer = signerOf(privateKey);

function row(name: string, figure: number, unit: string, aim = ""): void {
  console.log(
    `| ${name} | ${figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(3)} | ${unit} | ${aim} |`,
  );
}

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Runs the program cold; wall and CPU seconds of the whole process. */
function run(...args: string[]): { wall: number; cpu: number } {
  const report = "process.on('exit',()=>{const u=process.cpuUsage();process._rawDebug('CPU '+(u.user+u.system)/1e6)})";
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(report)}`, program, ...args],
    { encoding: "utf8" },
  );
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`castellan ${args.join(" ")} ended with ${status}: ${stderr}`);
  return { wall, cpu: Number(/CPU ([\d.]+)/.exec(stderr)?.[1]) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

try {
  console.log("| what | figure | unit | aim |\n|---|---|---|---|");
  writeFileSync(at("key.pem"), await writePrivateKey(privateKey), { mode: 0o600 });
  writeFileSync(at("key.pub.pem"), writePublicKey(publicKey));

  // A tree of eight files: pages are in the cache afterwards, as they are for the bare pass.
  mkdirSync(at("large"));
  const piece = Buffer.alloc(1024 * 1024, "weights and biases ");
  for (let file = 0; file < 8; file++) {
    const fd = openSync(at(`large/${file}.safetensors`), "w");
    for (let i = 0; i < mebibytes / 8; i++) writeSync(fd, piece);
    closeSync(fd);
  }
  const bare = (): void => {
    const state = createHash("sha256");
    for (let i = 0; i < Math.floor(mebibytes / 8) * 8; i++) state.update(piece);
    state.digest();
  };
  let bundle = "";
  const sign = async (): Promise<void> => {
    bundle = (await signModel({ root: at("large"), signer })).bundle;
  };
  const verify = async (): Promise<void> => {
    const bytes = Buffer.from(bundle);
    const { problems } = await verifyModel({
      root: at("large"),
      bundle: bytes,
      trust: { method: "key", key: publicKey },
    });
    if (problems.length > 0) throw new Error("the model does not verify");
  };
  await sign();
  // Interleaved, best of three: the machine's mood must not decide the ratio.
  const times = { bare: Infinity, sign: Infinity, verify: Infinity };
  for (let i = 0; i < 3; i++) {
    times.bare = Math.min(times.bare, await seconds(bare));
    times.sign = Math.min(times.sign, await seconds(sign));
    times.verify = Math.min(times.verify, await seconds(verify));
  }
  row(`bare SHA-256 of ${mebibytes} MiB in memory`, mebibytes / times.bare, "MiB/s");
  row(`sign a tree of ${mebibytes} MiB`, mebibytes / times.sign, "MiB/s");
  row("sign, against the bare pass", times.sign / times.bare, "×", "≤ 1.3");
  row("verify, against the bare pass", times.verify / times.bare, "×", "≤ 1.3");

  mkdirSync(at("small"));
  for (let i = 0; i < smallFiles; i++) {
    const sub = at(`small/${i % 50}`);
    if (i < 50) mkdirSync(sub);
    writeFileSync(join(sub, `${i}.json`), `{"shard":${i},"text":"${"x".repeat(i % 2000)}"}`);
  }
  const signSmall = [1, 2, 3].map(() => run("sign", at("small"), "--key", at("key.pem"), "--out", at("small.sig")).cpu);
  row(`sign ${smallFiles} small files, whole process`, Math.min(...signSmall), "CPU-s", "< 0.5");
  const verifySmall = [1, 2, 3].map(
    () => run("verify", at("small"), "--signature", at("small.sig"), "--key", at("key.pub.pem")).cpu,
  );
  row(`verify ${smallFiles} small files, whole process`, Math.min(...verifySmall), "CPU-s", "< 0.5");

  mkdirSync(at("tiny"));
  writeFileSync(at("tiny/model.onnx"), "a small model");
  run("sign", at("tiny"), "--key", at("key.pem"), "--out", at("tiny.sig"));
  const cold = Array.from({ length: 7 }, () =>
    run("verify", at("tiny"), "--signature", at("tiny.sig"), "--key", at("key.pub.pem")),
  );
  row("cold castellan verify of a small model", median(cold.map(({ wall }) => wall * 1000)), "ms", "< 400");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
