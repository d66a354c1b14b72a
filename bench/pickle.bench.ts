// Speed and memory of examining opcode-dense pickles, which are generated here.
// Usage: node bench/pickle.bench.ts [MB per pickle, default 100]
import { bytesSource } from "../src/core/byte-source.ts";
import { examinePickle } from "../src/formats/pickle/examine.ts";

const megabytes = Number(process.argv[2] ?? 100);
const size = megabytes * 1e6;

function row(name: string, figure: number, unit: string, aim = ""): void {
  console.log(`${name.padEnd(52)} ${figure.toFixed(1).padStart(8)} ${unit.padEnd(8)} ${aim}`);
}

/** A list of many records; `record` writes the opcodes of one. */
function pickleOf(protocol: number, record: (index: number) => string): Buffer {
  const head = protocol === 0 ? "(lp0\n" : `\x80${String.fromCharCode(protocol)}]`;
  const out = Buffer.alloc(size + 4096);
  let at = out.write(head, "latin1");
  const open = protocol === 0 ? "" : "(";
  const close = protocol === 0 ? "" : "e";
  for (let i = 0; at < size; ) {
    at += out.write(open, at, "latin1");
    for (let k = 0; k < 1000 && at < size; k++, i++) at += out.write(record(i), at, "latin1");
    at += out.write(close, at, "latin1");
  }
  at += out.write(".", at, "latin1");
  return out.subarray(0, at);
}

function u4(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
}

const kinds: readonly (readonly [string, () => Buffer])[] = [
  ["small integers, protocol 4 (one opcode per 2 bytes)", () => pickleOf(4, (i) => `K${String.fromCharCode(i & 255)}`)],
  [
    "records of tuples, texts and dictionaries, protocol 4",
    () =>
      pickleOf(
        4,
        (i) =>
          `]\x94(K${String.fromCharCode(i & 255)}J${u4(i)}K\x01K\x02\x86\x94}\x94(\x8c\x01a\x94K\x05\x8c\x01b\x94\x8c\x04${String(i % 10000).padStart(4)}\x94uN\x88e`,
      ),
  ],
  [
    "instances restored by calls, protocol 2",
    () =>
      pickleOf(
        2,
        (i) =>
          `cdecimal\nDecimal\nX\x04${"\0".repeat(3)}${String(i % 10000).padStart(4, "0")}\x85Rccollections\nOrderedDict\n)R}K\x01K\x02sb`,
      ),
  ],
  ["records in protocol 0 (text)", () => pickleOf(0, (i) => `(lp${(i % 9999) + 1}\nI${i}\naF1.5\naV${i}\naa`)],
];

for (const [name, make] of kinds) {
  const bytes = make();
  examinePickle(bytesSource(bytes.subarray(0, 200_000)));
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const start = process.cpuUsage();
  const { verdict } = examinePickle(bytesSource(bytes));
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  if (verdict === "unsafe") throw new Error(`${name}: ${verdict}`);
  row(
    `${name}${verdict === "incomplete" ? " (a bound was hit)" : ""}`,
    bytes.length / 1e6 / seconds,
    "MB/CPU-s",
    "≥ 50",
  );
  row("  memory beyond the input", Math.max(0, process.memoryUsage().rss - before) / 1e6, "MB", "≤ 300");
}
row("peak memory of the process, inputs included", process.resourceUsage().maxRSS / 1024, "MB");
