import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandIndex } from "../../src/cli/commands.gen.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";

const program = fileURLToPath(new URL("../../bin/castellan", import.meta.url));
const folder = fileURLToPath(new URL("../../src/cli/commands", import.meta.url));
const pretendOldNode = 'Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})';
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "castellan-commands-"));
});
afterAll(() => rm(cwd, { recursive: true }));

test("the generated list holds every command file, under the name its file has", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  expect(commandIndex.map(({ name }) => `${name.replaceAll(" ", "-")}.ts`).sort()).toEqual(files.sort());
});

test.each(commandIndex.map((entry) => [entry.name, entry] as const))(
  "%s explains itself and refuses options it does not have",
  async (_name, entry) => {
    const { default: command } = await entry.load();
    expect(command.name).toBe(entry.name);
    expect(command.summary).toMatch(/^[a-z].*[^.]$/);
    const help = parseCommandLine(command, ["--help"]);
    expect(help.kind === "help" && help.text).toContain("--json");
    expect(() => parseCommandLine(command, ["--no-such-option"])).toThrow(expect.objectContaining({ code: "USAGE" }));
  },
);

test("an unknown command, an unknown option and a missing argument end with 2, and say so in one JSON document", async () => {
  expect(await run("gaet")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean "castellan gate"'),
  });
  const bogus = await run("gate", "credit", "--bogus", "--json");
  expect(bogus.code).toBe(2);
  expect(JSON.parse(bogus.stdout)).toMatchObject({ error: { code: "USAGE" } });
  expect(await run("gate")).toMatchObject({ code: 2, stdout: "" });
});

test("--json prints one document also for help, the version, and a command that is unknown or lacks a word", async () => {
  for (const [words, code, document] of [
    [["gaet", "--json"], 2, { error: { code: "USAGE", next: expect.stringContaining("castellan gate") as unknown } }],
    [["ledger", "--json"], 2, { error: { code: "USAGE", next: expect.stringContaining("ledger verify") as unknown } }],
    [["gate", "--help", "--json"], 0, { help: expect.stringContaining("--json") as unknown }],
    [["--json"], 0, { help: expect.stringContaining("exit codes") as unknown }],
    [["--version", "--json"], 0, { version: expect.stringMatching(/^\d/) as unknown }],
  ] as const) {
    const ran = await run(...words);
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.stdout)).toMatchObject(document);
  }
});

test("a command that needs a home says how to make one", async () => {
  const { code, stderr } = await run("history", "credit");
  expect(code).toBe(2);
  expect(stderr).toContain("castellan init");
});

test("a mistake in castellan.yaml is named with line, column and the nearest key", async () => {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(join(cwd, "wrong.yaml"), "gateway:\n  prot: 8080\n");
  const { code, stderr } = await run("status", { CASTELLAN_CONFIG: "wrong.yaml" });
  expect(code).toBe(2);
  expect(stderr).toContain("wrong.yaml:2:3");
  expect(stderr).toContain("port");
});

test("help and version are asked for in the usual ways", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("exit codes") });
  expect(await run("--version")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

test.each([
  ["the Node it was given", []],
  ["the pinned Node, started by one that is too old", ["--import", `data:text/javascript,${pretendOldNode}`]],
])("what waits for ever ends at the first signal, and not as if all were well: under %s", async (_node, options) => {
  const pipe = join(cwd, `pipe-${options.length}`);
  execFileSync("mkfifo", [pipe]);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const words = ["keys", "new", "--out", "never.pem", "--passphrase-file", pipe];
    const child = spawn(process.execPath, [...options, program, ...words], { cwd, stdio: "ignore" });
    const ended = new Promise((done) => {
      child.once("exit", (code, by) => done(by ?? code));
    });
    const writer = await open(pipe, "w"); // opens when the command has opened its end
    child.kill(signal);
    expect(await ended).toBe(signal);
    await writer.close();
  }
});

function run(
  ...words: (string | { readonly [name: string]: string })[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = words.filter((word): word is string => typeof word === "string");
  const env = Object.assign(
    {},
    process.env,
    { NO_COLOR: "1" },
    ...words.filter((word) => typeof word !== "string"),
  ) as NodeJS.ProcessEnv;
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], { cwd, env }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}
