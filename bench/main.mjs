// npm run bench [topic…]: runs the benchmarks one after the other; figures in bench/RESULTS.md come from here, on a quiet machine.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const topics = process.argv.slice(2);
let failed = 0;
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith(".bench.ts") || (topics.length > 0 && !topics.includes(file.slice(0, -".bench.ts".length))))
    continue;
  console.log(`\n## ${file}`);
  const { status } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", `${folder}${file}`], {
    stdio: "inherit",
  });
  if (status !== 0) failed++;
}
process.exit(failed > 0 ? 1 : 0);
