// Speed and memory of the model scan, with the figures published or measured for its peers beside it (they cannot be installed here).
// Usage: node bench/model-scan.bench.ts [MB of pickle, default 64] [small files, default 10000] [MB of PyTorch archive, default 200]
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { scanPaths } from "../src/app/scan/run-scan.ts";
import { bytesSource } from "../src/core/byte-source.ts";
import { examinePickle } from "../src/formats/pickle/examine.ts";

const [pickleMegabytes = 64, smallFiles = 10_000, archiveMegabytes = 200] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "castellan-bench-"));
const castellan = fileURLToPath(new URL("../bin/castellan", import.meta.url));

function row(name: string, figure: number, unit: string, aim = "", digits = 0): void {
  console.log(`${name.padEnd(46)} ${figure.toFixed(digits).padStart(9)} ${unit.padEnd(12)} ${aim}`);
}

/** CPU seconds (user + system) and seconds of `work` in this process. */
async function timed(work: () => unknown): Promise<{ cpu: number; wall: number }> {
  const start = process.cpuUsage();
  const from = performance.now();
  await work();
  const { user, system } = process.cpuUsage(start);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - from) / 1000 };
}

/** A dictionary of short texts and lists of small numbers: some 3 bytes per opcode, as in vocabularies and tree models. */
function densePickle(megabytes: number): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 4, 0x7d, 0x94, 0x28])];
  for (let size = 0, key = 0; size < megabytes * 1e6; key++) {
    const name = Buffer.from(`token${key}`);
    const numbers = Buffer.alloc(40, 0);
    for (let at = 0; at < 40; at += 2) numbers.set([0x4b, (key + at) % 256], at);
    const part = Buffer.concat([
      Buffer.from([0x8c, name.length]),
      name,
      Buffer.from([0x94, 0x5d, 0x94, 0x28]),
      numbers,
      Buffer.from([0x65]),
    ]);
    parts.push(part);
    size += part.length;
    if (key % 1000 === 999) parts.push(Buffer.from([0x75, 0x28]));
  }
  parts.push(Buffer.from([0x75, 0x2e]));
  return Buffer.concat(parts);
}

/** A PyTorch archive by hand: a state dict and stored tensors of 10 MB each. */
function writeArchive(path: string, megabytes: number): void {
  const tensor = Buffer.alloc(10_000_000, 7);
  const crc = crc32(tensor);
  const out = openSync(path, "w");
  const directory: Buffer[] = [];
  let offset = 0;
  const add = (name: string, data: Buffer, sum: number): void => {
    const label = Buffer.from(name);
    const sizes = Buffer.alloc(22);
    sizes.writeUInt16LE(33, 2);
    sizes.writeUInt32LE(sum, 4);
    sizes.writeUInt32LE(data.length, 8);
    sizes.writeUInt32LE(data.length, 12);
    sizes.writeUInt16LE(label.length, 16);
    // Time, date, CRC, sizes, name and extra length stand in both headers in the same order.
    const shared = sizes.subarray(0, 20);
    const local = Buffer.concat([Buffer.from("PK\x03\x04\x14\0\0\0\0\0", "latin1"), shared, label]);
    writeSync(out, local);
    writeSync(out, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\0\0\x14\0\0\0\0\0", "latin1"), shared, tail, label]));
    offset += local.length + data.length;
  };
  const count = Math.max(1, Math.round(megabytes / 10));
  const state = stateDict(count, tensor.length / 4);
  add("archive/data.pkl", state, crc32(state));
  add("archive/version", Buffer.from("3\n"), crc32("3\n"));
  for (let n = 0; n < count; n++) add(`archive/data/${n}`, tensor, crc);
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  writeSync(out, central);
  writeSync(out, end);
  closeSync(out);
}

function stateDict(count: number, elements: number): Buffer {
  const text = (value: string): Buffer => {
    const data = Buffer.from(value);
    const head = Buffer.alloc(5, 0x58);
    head.writeUInt32LE(data.length, 1);
    return Buffer.concat([head, data]);
  };
  const int = (value: number): Buffer => {
    const out = Buffer.alloc(5, 0x4a);
    out.writeInt32LE(value, 1);
    return out;
  };
  const code = (value: string): Buffer => Buffer.from(value, "latin1");
  const parts = [code("\x80\x02ccollections\nOrderedDict\n)R(")];
  for (let n = 0; n < count; n++) {
    parts.push(
      text(`layer${n}.weight`),
      code("ctorch._utils\n_rebuild_tensor_v2\n(("),
      text("storage"),
      code("ctorch\nFloatStorage\n"),
    );
    parts.push(
      text(String(n)),
      text("cpu"),
      int(elements),
      code("tQK\0"),
      int(elements),
      code("\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"),
    );
  }
  parts.push(code("u."));
  return Buffer.concat(parts);
}

const dense = densePickle(pickleMegabytes);
examinePickle(bytesSource(dense.subarray(0, 1_000_000)));
const machine = await timed(() => examinePickle(bytesSource(dense)));
row(
  "opcode-dense pickle, the machine alone",
  dense.length / 1e6 / machine.cpu,
  "MB/CPU-s",
  "≥ 50 (picklescan 1.0.5: 2.7, modelaudit: 2.7–6.9)",
  1,
);
const densePath = join(folder, "dense.pkl");
writeFileSync(densePath, dense);
const whole = await timed(() => scanPaths([densePath], { cwd: folder, ignore: false, workers: 1 }));
row("opcode-dense pickle, castellan scan", dense.length / 1e6 / whole.wall, "MB/s", "≥ 50", 1);

const many = join(folder, "many");
mkdirSync(many);
for (let n = 0; n < smallFiles; n++) writeFileSync(join(many, `${n}.pkl`), densePickle(0.0002));
await scanPaths([many], { cwd: folder, ignore: false });
const small = await timed(() => scanPaths([many], { cwd: folder, ignore: false }));
row("small pickles, warm", smallFiles / small.wall, "files/s", "≥ 10000");

const archive = join(folder, "model.pt");
writeArchive(archive, archiveMegabytes);
const zip = await timed(() => scanPaths([archive], { cwd: folder, ignore: false, workers: 1 }));
row(`PyTorch archive of ${archiveMegabytes} MB`, zip.cpu, "CPU-s", archiveMegabytes === 200 ? "< 0.3" : "", 2);
row(`PyTorch archive of ${archiveMegabytes} MB`, zip.wall, "s", "", 2);

for (const [name, path] of [
  ["dense pickle", densePath],
  ["PyTorch archive", archive],
] as const)
  row(`peak memory of the process, ${name}`, peakMegabytes(path), "MB", "< 300 (picklescan: 1000, fickling: 1500)");

const evil = join(folder, "evil.pkl");
writeFileSync(evil, "cos\nsystem\n(S'true'\ntR.");
spawnSync(process.execPath, [castellan, "scan", evil]);
const starts = Array.from({ length: 5 }, () => {
  const from = performance.now();
  const { status } = spawnSync(process.execPath, [castellan, "scan", evil, "--json"]);
  return { ms: performance.now() - from, status };
}).sort((a, b) => a.ms - b.ms);
row(
  "from start-up to the first finding, median of 5",
  starts[2]?.ms ?? Number.NaN,
  "ms",
  `< 400 (exit ${starts[2]?.status})`,
);
rmSync(folder, { recursive: true });

/** Peak resident memory of one scan of `path` in a process of its own. */
function peakMegabytes(path: string): number {
  const script = `import { scanPaths } from ${JSON.stringify(new URL("../src/app/scan/run-scan.ts", import.meta.url).href)};
    await scanPaths([${JSON.stringify(path)}], { ignore: false, workers: 1 });
    console.log(process.resourceUsage().maxRSS);`;
  const file = join(folder, "peak.mjs");
  writeFileSync(file, script);
  const { stdout } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", file], { encoding: "utf8" });
  return Number(stdout.trim()) / 1024;
}
