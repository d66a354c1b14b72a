// The registry over SQLite, disk blobs and the log: bytes in and out, small files, the operations people wait for.
//   node bench/registry.bench.ts [MiB of the large file, default 512] [small files, default 2000] [operations, default 100]
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { VersionRow } from "../src/store/repository.ts";
import { filesOf, model, root, testHome, verdict } from "../src/registry/testing/home.ts";

const megabytes = Number(process.argv[2] ?? 512);
const smallFiles = Number(process.argv[3] ?? 2000);
const operations = Number(process.argv[4] ?? 100);

function row(name: string, figure: number, unit: string, aim: string): void {
  const text = figure >= 100 ? Math.round(figure).toLocaleString("en") : figure.toFixed(2);
  console.log(`| ${name} | ${text} | ${unit} | ${aim} |`);
}

/** CPU seconds and wall seconds of `work`. */
async function timed(work: () => Promise<unknown>): Promise<{ readonly cpu: number; readonly wall: number }> {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - start) / 1000 };
}

/** The median of `times` runs, in milliseconds. */
async function median(times: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const each: number[] = [];
  for (let n = 0; n < times; n++) each.push((await timed(() => work(n))).wall * 1000);
  return each.sort((a, b) => a - b)[Math.floor(times / 2)]!;
}

const home = await testHome();
try {
  const { registry } = home;
  const chunk = Buffer.alloc(1024 * 1024, 7);
  async function* large() {
    for (let n = 0; n < megabytes; n++) {
      chunk.writeUInt32LE(n);
      yield await Promise.resolve(chunk);
    }
  }
  let big: VersionRow | undefined;
  const before = process.memoryUsage().rss;
  const stored = await timed(async () => {
    big = await model(registry, "big", "", { files: [{ path: "weights.bin", open: large }] });
  });
  row("register: hash, encrypt, store", megabytes / stored.cpu, "MiB per CPU-s", "");
  row("register: hash, encrypt, store, flushed", megabytes / stored.wall, "MiB/s", "");
  const read = await timed(async () => {
    const open = await registry.open("default", big!.digest, root);
    for await (const _chunk of open.stream("weights.bin"));
  });
  row("verified read", megabytes / read.cpu, "MiB per CPU-s", "");
  row("memory grown meanwhile", (process.memoryUsage().rss - before) / 1024 / 1024, "MiB", "flat");

  const contents = Object.fromEntries(
    Array.from({ length: smallFiles }, (_, n) => [`d${n % 50}/f${n}`, `content ${n}`]),
  );
  const many = await timed(() => model(registry, "many", "", { files: filesOf(contents) }));
  row(`register ${smallFiles} small files`, many.cpu, "CPU-s", "");
  row(`register ${smallFiles} small files, each flushed`, many.wall, "s", "");

  const [a, b] = [await model(registry, "m", "a"), await model(registry, "m", "b")];
  const verdicts = new Map<VersionRow, VersionRow["digest"]>();
  for (const each of [a, b]) verdicts.set(each, (await verdict(registry, each)).digest);
  const promote = (each: VersionRow) =>
    registry.promote({
      tenant: "default",
      name: "m",
      alias: "prod",
      version: each.digest,
      verdict: verdicts.get(each)!,
    });
  row("promote, median", await median(operations, (n) => promote(n % 2 === 0 ? a : b)), "ms", "< 200");
  await promote(a);
  const back = () => registry.rollback({ tenant: "default", name: "m", alias: "prod" });
  row(
    "roll back, median",
    await median(Math.min(operations, 20), async (n) => (n === 0 ? back() : promote(b).then(back))),
    "ms",
    "",
  );
  const kill = (killed: boolean) => registry.setKill({ scope: "model", target: "default/m", killed, why: "bench" });
  row("kill, median", await median(operations, (n) => kill(n % 2 === 0)), "ms", "< 1000");
  row("open a version, median", await median(operations, () => registry.open("default", a.digest, root)), "ms", "");
} finally {
  await home.close();
  rmSync(join(home.dir), { recursive: true, force: true });
}
