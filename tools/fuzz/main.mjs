// npm run fuzz -- [--seconds N] [--seed N] [--memory MB] [--lists URL] [FOLDER…]
// Mutates real files (the corpora in .cache/corpora and ../shared/data/models, or the folders given) and has every reader read
// them in a process of its own. A crash, a hang, an error that is no CastellanError of the allowed kinds, or too much memory is
// written to .cache/fuzz as the file that does it and a text that says what happened. Exits 1 when there is one.
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mutate, numbers } from "./mutate.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    memory: { type: "string", default: "400" },
    lists: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const memory = Number(values.memory) * 1024;
const largest = 2 * 1024 ** 2;
const hangSeconds = 60;

const folders =
  positionals.length > 0 ? positionals : [join(root, ".cache/corpora"), join(root, "../shared/data/models")];
const files = folders.flatMap((folder) => (existsSync(folder) ? below(folder) : []));
if (files.length === 0) {
  console.error("nothing to mutate: run the slow corpus test first, or name a folder with model files");
  process.exit(2);
}
const results = join(root, ".cache/fuzz");
mkdirSync(results, { recursive: true });

const pick = numbers(seed);
/** @type {Map<string, number>} */
const seen = new Map();
let runs = 0;
let slowest = 0;
let highest = 0;
let worker = await start();
const until = performance.now() + seconds * 1000;
console.log(`${files.length} files, seed ${seed}, ${seconds} s`);
while (performance.now() < until) {
  const file = files[pick(files.length)] ?? "";
  const other = files[pick(files.length)] ?? "";
  const bytes = mutate(readFileSync(file), readFileSync(other), pick(2 ** 31));
  const name = basename(pick(8) === 0 ? other : file);
  const outcome = await examine(bytes, name, pick(1000));
  runs++;
  slowest = Math.max(slowest, outcome.ms);
  highest = Math.max(highest, outcome.peak);
  for (const problem of outcome.problems) record(bytes, name, file, problem);
  if (outcome.peak > memory) {
    record(bytes, name, file, `memory: ${Math.round(outcome.peak / 1024)} MB`);
    worker.kill("SIGKILL");
    worker = await start();
  }
}
worker.kill();
console.log(
  `${runs} mutants, ${(runs / seconds).toFixed(0)} per second, slowest ${Math.round(slowest)} ms, peak ${Math.round(highest / 1024)} MB`,
);
for (const [what, count] of seen) console.log(`${count} × ${what}`);
console.log(seen.size === 0 ? "no problem found" : `${seen.size} problems, see .cache/fuzz`);
process.exit(seen.size === 0 ? 0 : 1);

/** @param {string} folder @returns {string[]} */
function below(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "index.json")
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size <= largest)
    .sort();
}

/** @returns {Promise<import("node:child_process").ChildProcess>} */
function start() {
  const child = fork(fileURLToPath(new URL("./worker.mjs", import.meta.url)), values.lists ? [values.lists] : [], {
    serialization: "advanced",
    execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=1024"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", () => resolve(child));
    child.once("exit", (code) => reject(new Error(`the worker ended with ${code} before it was ready`)));
  });
}

/**
 * @param {Buffer} bytes @param {string} name @param {number} extra
 * @returns {Promise<{ problems: string[]; ms: number; peak: number }>}
 */
async function examine(bytes, name, extra) {
  let said = "";
  const child = worker;
  child.stderr?.removeAllListeners("data").on("data", (part) => (said = (said + part).slice(-2000)));
  /** @type {{ problems: string[]; ms: number; peak: number; gone?: boolean }} */
  const outcome = await new Promise((resolve) => {
    const timer = setTimeout(
      () => finish({ problems: [`hang: no answer in ${hangSeconds} s`], ms: hangSeconds * 1000, peak: 0, gone: true }),
      hangSeconds * 1000,
    );
    const onExit = (/** @type {number | null} */ code, /** @type {string | null} */ signal) =>
      finish({ problems: [`crash: ended with ${code ?? signal} ${said}`], ms: 0, peak: 0, gone: true });
    const onMessage = (/** @type {any} */ message) => finish(message);
    const finish = (/** @type {any} */ result) => {
      clearTimeout(timer);
      child.off("exit", onExit).off("message", onMessage);
      resolve(result);
    };
    child.once("exit", onExit).once("message", onMessage);
    child.send({ bytes, name, extra });
  });
  if (outcome.gone) {
    child.kill("SIGKILL");
    worker = await start();
  }
  return outcome;
}

/** @param {Buffer} bytes @param {string} name @param {string} file @param {string} problem */
function record(bytes, name, file, problem) {
  const what = problem
    .split("\n")
    .slice(0, 2)
    .join(" ")
    .replace(/\d{3,}/gu, "N")
    .slice(0, 240);
  const count = seen.get(what) ?? 0;
  seen.set(what, count + 1);
  if (count > 0) return;
  const id = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  writeFileSync(join(results, `${id}-${name}`), bytes);
  writeFileSync(join(results, `${id}.txt`), `${problem}\n\nfrom ${basename(file)}, examined as ${name}\n`);
  console.log(`problem: ${what}`);
}
