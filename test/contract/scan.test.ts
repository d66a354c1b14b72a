import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ScanReport } from "../../src/core/scan.ts";

const program = fileURLToPath(new URL("../../bin/castellan", import.meta.url));
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "castellan-scan-command-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [program, "scan", ...args],
      { cwd, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout, stderr) => {
        done({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}

async function json(...args: string[]): Promise<{ code: number; report: ScanReport }> {
  const { code, stdout } = await run(...args, "--json");
  return { code, report: JSON.parse(stdout) as ScanReport };
}

/** A safetensors file; with `name`, whatever that name promises. */
function safetensors(path: string): void {
  const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const bytes = Buffer.alloc(8 + header.length + 8);
  bytes.writeBigUInt64LE(BigInt(header.length), 0);
  bytes.write(header, 8);
  writeFileSync(join(cwd, path), bytes);
}

describe("castellan scan", () => {
  test("a clean file: 0, and one document of the promised shape", async () => {
    safetensors("m.safetensors");
    const { code, report } = await json("m.safetensors");
    expect(code).toBe(0);
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining(["tool", "version", "summary", "findings", "skipped", "incomplete"]),
    );
    expect(report).toMatchObject({
      tool: "castellan",
      findings: [],
      incomplete: [],
      files: [{ path: "m.safetensors", verdict: "safe" }],
    });
  });

  test("findings: every field, 1 only from the threshold on", async () => {
    safetensors("m.gguf");
    const { code, report } = await json("m.gguf", "--fail-on", "medium");
    expect(code).toBe(1);
    expect(report.findings[0]).toEqual({
      id: "supply/model/extension-mismatch",
      severity: "medium",
      title: expect.any(String) as string,
      path: "m.gguf",
      why: expect.any(String) as string,
      refs: expect.arrayContaining([expect.stringMatching(/^cwe:/)]) as string[],
      fix: expect.any(String) as string,
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect((await run("m.gguf")).code).toBe(0);
    expect((await run("m.gguf", "--fail-on", "low")).code).toBe(1);
  });

  test("what cannot be examined: 3, unless findings say 1", async () => {
    writeFileSync(join(cwd, "m.safetensors"), Buffer.from([1, 2, 3, 0, 0xff]));
    expect(await json("m.safetensors")).toMatchObject({ code: 3, report: { summary: { incomplete: 1 } } });
    safetensors("m.gguf");
    const both = await json(".", "--fail-on", "medium");
    expect(both.code).toBe(1);
    expect(both.report.incomplete).toHaveLength(1);
    expect(both.report.findings).toHaveLength(1);
  });

  test("wrong usage: 2, with one JSON document", async () => {
    for (const args of [
      ["nothing"],
      [".", "--fail-on", "awful"],
      [".", "--only", "suply/"],
      [".", "--limit", "nestng=3"],
      ["--explain", "supply/model/none"],
    ]) {
      const { code, stdout } = await run(...args, "--json");
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toHaveProperty("error.code");
    }
  });

  test("writes every report it is asked for, and none when a folder is missing", async () => {
    safetensors("m.gguf");
    const { code, stderr } = await run(".", "--sarif", "o.sarif", "--junit", "o.xml", "--html", "o.html");
    expect(code, stderr).toBe(0);
    const sarif = JSON.parse(readFileSync(join(cwd, "o.sarif"), "utf8")) as {
      runs: { results: { ruleId: string }[] }[];
    };
    expect(sarif.runs[0]!.results.map(({ ruleId }) => ruleId)).toEqual(["supply/model/extension-mismatch"]);
    expect(readFileSync(join(cwd, "o.xml"), "utf8")).toContain("<testsuites ");
    expect(readFileSync(join(cwd, "o.html"), "utf8")).toContain("extension-mismatch");
    expect((await run(".", "--sarif", "missing/o.sarif")).code).toBe(2);
  });

  test("a baseline is written once, then only what is new counts", async () => {
    safetensors("m.gguf");
    const args = [".", "--fail-on", "medium", "--baseline", "b.json"];
    expect((await run(...args)).code).toBe(1);
    expect(existsSync(join(cwd, "b.json"))).toBe(true);
    expect((await run(...args)).code).toBe(0);
    mkdirSync(join(cwd, "moved"));
    rmSync(join(cwd, "m.gguf"));
    safetensors("moved/other.gguf");
    expect((await run(...args)).code).toBe(0);
    safetensors("new.gguf");
    const { code, report } = await json(...args);
    expect([code, report.findings.map(({ path }) => path), report.summary.baseline]).toEqual([1, ["new.gguf"], 1]);
    expect((await run(...args, "--update-baseline")).code).toBe(0);
    expect((await run(...args)).code).toBe(0);
  });

  test("a suppression needs a reason and a day, is counted, and expires", async () => {
    safetensors("m.gguf");
    const file = (expires: string): void =>
      writeFileSync(
        join(cwd, "castellan.suppressions.yaml"),
        `version: 1\nsuppressions:\n  - rule: supply/model/extension-mismatch\n    path: "*.gguf"\n    reason: a test\n    expires: ${expires}\n`,
      );
    file("2999-01-01");
    expect(await json("m.gguf", "--fail-on", "medium")).toMatchObject({
      code: 0,
      report: { summary: { suppressed: 1 } },
    });
    file("2001-01-01");
    const { code, report } = await json("m.gguf", "--fail-on", "medium");
    expect([code, report.notes.length]).toEqual([1, 1]);
    file("someday");
    expect((await run("m.gguf")).code).toBe(2);
  });

  test("explains a check", async () => {
    const { code, stdout } = await run("--explain", "supply/model/extension-mismatch");
    expect(code).toBe(0);
    expect(stdout).toContain("What to do:");
  });

  test("reads well", async () => {
    safetensors("m.gguf");
    safetensors("m.safetensors");
    const { stdout } = await run(".");
    expect(stdout).toMatch(/^MEDIUM {3}m\.gguf\n/);
    expect(stdout).toMatch(/safe {2}m\.safetensors/);
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
      /^1 finding: 1 medium · 2 model files: 2 safe · 2 files, \d+ B in \d\.\d\d s$/,
    );
  });
});
