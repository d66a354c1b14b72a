// Writes docs/first-five-minutes.md from a real run in a temporary folder: every command below is executed, every answer is what it
// printed. Only paths, ports, process ids and the long request body are replaced, so that nothing of this machine appears.
//   node tools/docs/first-five-minutes.mjs
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const work = realpathSync(mkdtempSync(join(tmpdir(), "castellan-tour-")));
const demoHome = join(work, ".castellan", "demo");
const example = join(root, "examples", "credit");

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(CASTELLAN_|DATABASE_URL$|npm_|NODE_)/i.test(name)),
);
Object.assign(env, {
  PATH: [join(root, "bin"), dirname(process.execPath), env.PATH].join(":"),
  NO_COLOR: "1",
  npm_config_update_notifier: "false",
});

/** Port of the gateway that is up now; the text says 8080 instead. */
let port = "8080";
let body = "";

/** What people read: nothing of this machine in it. */
function neutral(text) {
  return text
    .replaceAll(body === "" ? "\0" : body, '{"inputs":[…]}')
    .replace(/--home \S*\.castellan\/demo/g, "--home .castellan/demo")
    .replaceAll(demoHome, ".castellan/demo")
    .replaceAll(work, "~/try")
    .replaceAll(root, "~/castellan")
    .replaceAll(`127.0.0.1:${port}`, "127.0.0.1:8080")
    .replace(/\(process \d+ since/g, "(process 4711 since");
}

/** JSON over several lines, lists of plain values on one. */
function readable(json) {
  const text = JSON.stringify(JSON.parse(json), undefined, 2);
  return text.replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`);
}

const blocks = [];
const say = (markdown) => blocks.push(markdown);

/** Runs a line as a person types it and puts it and its answer into the text. @returns standard output */
async function run(line, { cwd = work, shown = line, pretty = false, exit = 0 } = {}) {
  const child = spawn("sh", ["-c", line], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let all = "";
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => ((all += text), (out += text)));
  child.stderr.setEncoding("utf8").on("data", (text) => (all += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== exit) throw new Error(`${line}\nended with ${code} instead of ${exit}:\n${all}`);
  if (pretty) all = readable(out);
  if (all !== "" && !all.endsWith("\n")) all += "\n";
  const end = code === 0 ? "" : `(exit code ${code})\n`;
  say(`\`\`\`console\n$ ${neutral(shown)}\n${neutral(all)}${end}\`\`\``);
  return out;
}

/** Starts something that serves, and waits for the line that says where. */
async function start(line, cwd, more) {
  const child = spawn("sh", ["-c", `exec ${line}`], {
    cwd,
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  await new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
      if (/^gateway .*127\.0\.0\.1:\d+[^]*\n$/m.test(out)) setTimeout(resolve, 300);
    });
    child.once("close", (code) => reject(new Error(`${line} ended with ${code}: ${out}${err}`)));
  });
  port = /127\.0\.0\.1:(\d+)/.exec(out)[1];
  return {
    out,
    async stop() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      const { pid } = JSON.parse(readFileSync(join(more.CASTELLAN_HOME, "run", "up.json"), "utf8"));
      process.kill(pid, "SIGTERM");
      await ended;
    },
  };
}

let server;
try {
  say(
    `# The first five minutes

Recorded by \`tools/docs/first-five-minutes.mjs\` from a real run; to read along, run it yourself. Replaced for reading: paths, the
port, process ids, and the body of the requests after the first. Keys are made anew at every start, so digests of statements differ on
your machine; digests of data and models do not.

## Start

One command after \`npm ci\`. It registers real data and two real models, proves one of them, and serves it:`,
  );
  server = await start("npm start --silent", root, { CASTELLAN_HOME: demoHome, CASTELLAN_GATEWAY_PORT: "0" });
  body = /-d '([^']+)'/.exec(server.out)[1];
  say(`\`\`\`console\n$ npm start\n${neutral(server.out).trimEnd()}\n\`\`\``);

  say("## Ask for a decision\n\nIn another terminal. The applicant is named columns, as in the bank's own file:");
  const url = `http://127.0.0.1:${port}/v2/models/credit`;
  const curl = (path) => `curl -s ${url}${path} -H 'content-type: application/json' -d '${body}'`;
  const full = curl("/infer");
  const answer = JSON.stringify(JSON.parse(body).inputs).replaceAll("},{", "},\n  {");
  await run(full, {
    pretty: true,
    shown: `curl -s ${url}/infer -H 'content-type: application/json' -d '{"inputs":${answer}}'`,
  });
  say("Label 0: not granted; the model gives it a probability of 0.35.");

  say(
    "## Ask the model nothing proves\n\nThe neural network is registered too, but nobody signed its bytes or its training run:",
  );
  const unproven = /versions\/([0-9a-f]{64})/.exec(server.out)[1];
  await run(curl(`/versions/${unproven}/infer`), { pretty: true });

  say("## Stop it, start it\n\n`castellan` is in the folder `bin` of the checkout; here it is on the PATH.");
  const home = "--home .castellan/demo";
  await run(`castellan status ${home}`);
  await run(`castellan kill model credit --why "complaint 2026-17" ${home}`);
  await run(`castellan status ${home}`, { exit: 1 });
  await run(full, { pretty: true, shown: curl("/infer") });
  await run(`castellan resume model credit ${home}`);
  await run(`${full} -o /dev/null -w '%{http_code}\\n'`, {
    shown: `${curl("/infer")} -o /dev/null -w '%{http_code}\\n'`,
  });

  say("## Where it comes from, and what happened");
  await run(`castellan lineage credit ${home}`);
  await run(`castellan history credit ${home}`);
  await run(`castellan gate credit ${home} --dry-run`);
  await server.stop();
  server = undefined;

  say(
    "## Your own files\n\nA table of applications and a model file, in a folder of your own (here: copies of the example's).",
  );
  const mine = join(work, "mine");
  mkdirSync(join(mine, "scoring"), { recursive: true });
  cpSync(join(example, "data", "train.csv"), join(mine, "applications.csv"));
  cpSync(join(example, "logreg.onnx"), join(mine, "scoring", "model.onnx"));
  cpSync(join(example, "encoding.json"), join(mine, "scoring", "encoding.json"));
  for (const file of ["origin.yaml", "run.yaml"]) cpSync(join(example, file), join(mine, file));
  const here = { cwd: mine };
  await run("castellan init", here);
  await run("cat origin.yaml run.yaml", here);
  await run("castellan register data applications.csv --name applications --origin origin.yaml", here);
  await run("castellan register model scoring --name scoring --input applications", here);
  say(
    "Registered is not proven. The gate says what is missing; exit code 3 means undecided, and undecided is never admitted:",
  );
  await run("castellan gate scoring", { ...here, exit: 3 });
  await run("castellan attest scoring training-run --predicate run.yaml", here);
  await run("castellan attest scoring model-signature", here);
  await run("castellan promote scoring prod", here);
  server = await start("castellan up --port 0", mine, { CASTELLAN_HOME: join(mine, ".castellan") });
  const scoring = `http://127.0.0.1:${port}/v2/models/scoring/infer`;
  const ask = `curl -s ${scoring} -H 'content-type: application/json' -d`;
  say("Now it may be served:");
  say(`\`\`\`console\n$ castellan up\n${neutral(server.out).trimEnd()}\n\`\`\``);
  await run(`${ask} '${body}'`, { ...here, pretty: true });
  say("Withdraw trust in the data, and what was made from it stops within a moment:");
  await run('castellan revoke applications --why "labels were tampered with"', here);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await run(`${ask} '${body}'`, { ...here, pretty: true });
  await server.stop();
  server = undefined;

  say(
    "## Evidence for somebody else\n\nBack to the demo, whose model serves. The folder holds the model, its signature, provenance, bill of materials, statements, proofs\nand the log; it is checked without server and without network:",
  );
  await run(`castellan export credit evidence ${home}`);
  await run("castellan verify-evidence evidence --trust .castellan/demo");
  say("One byte more, and it no longer holds:");
  await run("printf x >> evidence/model/model.onnx");
  await run("castellan verify-evidence evidence --trust .castellan/demo", { exit: 1 });

  const text = `${blocks.join("\n\n")}\n`;
  for (const secret of [work, root, homedir(), tmpdir(), hostname(), userInfo().homedir])
    if (secret.length > 2 && text.includes(secret)) throw new Error(`the text names this machine: ${secret}`);
  writeFileSync(join(root, "docs", "first-five-minutes.md"), text);
  process.stdout.write(`wrote docs/first-five-minutes.md, ${text.split("\n").length} lines\n`);
} finally {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
}
