import { execFileSync } from "node:child_process";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";

interface SelfCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export default command({
  name: "doctor",
  summary: "check that this machine has what castellan needs",
  async run(call) {
    const checks: SelfCheck[] = [
      nodeVersion(),
      await sqlite(),
      await inference(),
      program("git", ["--version"], "project history is not read without it"),
    ];
    for (const check of checks)
      call.print(`${check.ok ? "ok     " : "missing"}  ${check.name.padEnd(18)} ${check.detail}`);
    const ok = checks.every((check) => check.ok);
    call.emit({ ok, checks: checks.map((check) => ({ ...check })) });
    return ok ? exitCodes.clean : exitCodes.refused;
  },
});

function nodeVersion(): SelfCheck {
  return { name: "Node", ok: true, detail: process.version };
}

async function sqlite(): Promise<SelfCheck> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(":memory:");
    const row = database.prepare("select sqlite_version() as version").get() as { version: string };
    database.close();
    return { name: "metadata store", ok: true, detail: `SQLite ${row.version}` };
  } catch (error) {
    return { name: "metadata store", ok: false, detail: (error as Error).message };
  }
}

async function inference(): Promise<SelfCheck> {
  try {
    const { listSupportedBackends } = await import("onnxruntime-node");
    const backends = listSupportedBackends().map((backend) => backend.name);
    return { name: "ONNX inference", ok: true, detail: `onnxruntime (${backends.join(", ")})` };
  } catch (error) {
    return {
      name: "ONNX inference",
      ok: false,
      detail: `onnxruntime-node does not load: ${(error as Error).message.split("\n")[0]}`,
    };
  }
}

function program(name: string, args: readonly string[], without: string): SelfCheck {
  try {
    const output = execFileSync(name, [...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5_000,
    });
    return { name, ok: true, detail: output.trim().split("\n")[0] ?? "" };
  } catch {
    return { name, ok: false, detail: `not found; ${without}` };
  }
}
