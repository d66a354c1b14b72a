// Speed and memory of the container readers and decompressors, with the system's programs as makers of the input.
// Usage: node bench/containers.bench.ts [MiB, default 32]
import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync, zstdCompressSync } from "node:zlib";
import type { ByteSource } from "../src/core/byte-source.ts";
import { bytesSource } from "../src/core/byte-source.ts";
import { bunzip2 } from "../src/formats/bzip2/bzip2.ts";
import type { Decoder } from "../src/formats/container/decoder.ts";
import { inflate } from "../src/formats/deflate/inflate.ts";
import { lz4 } from "../src/formats/lz4/lz4.ts";
import { readTar } from "../src/formats/tar/read.ts";
import { unxz } from "../src/formats/xz/xz.ts";
import { readZip } from "../src/formats/zip/read.ts";
import { storedChecksums } from "../src/formats/zip/checksums.ts";
import { makeZip } from "../src/formats/zip/testing/make-zip.ts";
import { unzstd } from "../src/formats/zstd/zstd.ts";

const mebibytes = Number(process.argv[2] ?? 32);
const folder = mkdtempSync(join(tmpdir(), "castellan-containers-"));

function row(name: string, figure: number, unit: string, aim = ""): void {
  console.log(`${name.padEnd(52)} ${figure.toFixed(figure < 10 ? 3 : 0).padStart(8)} ${unit.padEnd(14)} ${aim}`);
}

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function fileSource(path: string): ByteSource & { close(): void } {
  const fd = openSync(path, "r");
  return {
    size: statSync(path).size,
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, statSync(path).size - offset)));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
    },
    close: () => closeSync(fd),
  };
}

/** Half weights (noise in the low bytes), half text: what models and their wrappers are made of. */
function sample(bytes: number): Buffer {
  const weights = Float32Array.from({ length: bytes / 8 }, (_, n) => Math.fround(Math.sin(n * 12.9898) * 0.05));
  const text = JSON.stringify(
    Array.from({ length: 500 }, (_, n) => ({ name: `layer.${n}.weight`, shape: [n, 64], dtype: "float32" })),
  );
  return Buffer.concat([Buffer.from(weights.buffer), Buffer.alloc(bytes / 2, text)]);
}

function drain(decoder: Decoder): number {
  let size = 0;
  for (let piece = decoder.next(); piece; piece = decoder.next()) size += piece.length;
  return size;
}

try {
  const data = sample(mebibytes * 1_048_576);
  const megabytes = data.length / 1e6;
  const program = (name: string, ...options: string[]): Buffer =>
    execFileSync(name, options, { input: data, maxBuffer: 2 ** 31 - 1 });
  const decoders: [string, () => Buffer, (source: ByteSource) => Decoder][] = [
    ["inflate", () => deflateRawSync(data), (source) => inflate(source)],
    ["bzip2", () => program("bzip2", "-c"), (source) => bunzip2(source)],
    ["xz (LZMA2)", () => program("xz", "-2", "-c"), (source) => unxz(source)],
    ["lz4 frame", () => program("lz4", "-c"), (source) => lz4(source)],
    ["zstd", () => zstdCompressSync(data), (source) => unzstd(source)],
  ];
  for (const [name, make, open] of decoders) {
    const packed = make();
    drain(open(bytesSource(packed)));
    let size = 0;
    const seconds = cpuSeconds(() => (size = drain(open(bytesSource(packed)))));
    if (size !== data.length) throw new Error(`${name}: ${size} bytes instead of ${data.length}`);
    row(`${name}, unpacked`, megabytes / seconds, "MB/CPU-s");
  }

  // A PyTorch archive: a pickle and many stored tensors.
  const tensors = makeZip(
    Array.from({ length: 200 }, (_, n) => ({
      name: `archive/data/${n}`,
      data: Buffer.alloc((200 * 1_048_576) / 200, n),
    })),
  );
  const path = join(folder, "model.pt");
  writeFileSync(path, tensors);
  const source = fileSource(path);
  row(
    "PyTorch zip, 200 MiB, walk",
    cpuSeconds(() => readZip(source)),
    "CPU-s",
    "< 0.3",
  );
  const { members } = readZip(source);
  row(
    "PyTorch zip, 200 MiB, walk and 32 MiB of checksums",
    cpuSeconds(() => storedChecksums(source, readZip(source).members, 32 * 1_048_576, () => {})),
    "CPU-s",
    "< 0.3",
  );
  row(
    "PyTorch zip, 200 MiB, walk and all checksums",
    cpuSeconds(() => storedChecksums(source, members, Infinity, () => {})),
    "CPU-s",
  );
  source.close();

  const small = makeZip([{ name: "model/data.pkl", data: "x".repeat(2000), method: 8 }]);
  row(
    "small zips",
    10_000 /
      cpuSeconds(() => {
        for (let n = 0; n < 10_000; n++) readZip(bytesSource(small));
      }),
    "files/CPU-s",
  );

  // Ten gigabytes that are not there: an end record behind a hole, and a tar member in one.
  const hole = join(folder, "hole");
  const fd = openSync(hole, "w");
  ftruncateSync(fd, 10e9);
  writeSync(fd, small, 0, small.length, 10e9);
  closeSync(fd);
  const sparse = fileSource(hole);
  row(
    "10 GB sparse file before a zip, walk",
    cpuSeconds(() => readZip(sparse)),
    "CPU-s",
  );
  try {
    row(
      "10 GB sparse file as tar",
      cpuSeconds(() => readTar(sparse)),
      "CPU-s",
    );
  } catch {
    // Not a tar file: that is the answer.
  }
  sparse.close();
  row("peak memory of all this (input included)", process.resourceUsage().maxRSS / 1024, "MiB");
  void readFileSync;
} finally {
  rmSync(folder, { recursive: true });
}
