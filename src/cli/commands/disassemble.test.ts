import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assemble, op } from "../../formats/pickle/testing/assemble.ts";
import type { Json } from "../../kit/canonical-json.ts";
import type { Invocation } from "../command.ts";
import disassemble from "./disassemble.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "castellan-cli-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** Runs the command in this process on a file with these bytes. */
async function run(bytes: Uint8Array, options: Invocation["options"] = {}) {
  await writeFile(join(cwd, "a.pkl"), bytes);
  const lines: string[] = [];
  const documents: Json[] = [];
  const code = await disassemble.run({
    args: ["a.pkl"],
    options,
    json: false,
    quiet: false,
    colour: false,
    cwd,
    env: {},
    stdin: (async function* () {})(),
    print: (line) => lines.push(line),
    note: () => {},
    emit: (document) => documents.push(document),
    progress: { step() {} },
    signal: new AbortController().signal,
  });
  return { code, lines, document: documents[0] as { verdict: string; pickles: unknown[] } };
}

const unsafe = assemble(op.global("os", "system"), op.text("id"), op.tuple1, op.reduce, op.stop, "rest");

test("an unsafe pickle is shown with what it would call, and the exit code says so", async () => {
  const { code, lines, document } = await run(unsafe);
  expect(code).toBe(1);
  expect(lines.join("\n")).toContain('→ os.system ("id",)  CRITICAL: runs a command');
  expect(lines.at(-1)).toBe("bytes 18 to 22: Bytes behind the end of the pickle");
  expect(document.verdict).toBe("unsafe");
});

test("--calls shows only what is imported and called", async () => {
  const { lines } = await run(unsafe, { calls: true });
  expect(lines.filter((line) => line.includes("→"))).toHaveLength(2);
  expect(lines.some((line) => line.includes("TUPLE1"))).toBe(false);
});

test("a harmless pickle leads to exit code 0", async () => {
  expect((await run(assemble(op.proto(2), op.emptyList, op.stop))).code).toBe(0);
});

test("a file that is no pickle is refused", async () => {
  await expect(run(Buffer.from("<html>"))).rejects.toMatchObject({ code: "MALFORMED" });
});
