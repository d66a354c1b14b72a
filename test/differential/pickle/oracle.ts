import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What CPython did with one pickle. */
export interface OracleAnswer {
  readonly ended: "stop" | "error" | "truncated" | "memory";
  readonly why: string;
  /** How far it had read. */
  readonly tell: number;
  readonly events: readonly (readonly (string | number)[])[];
}

const script = fileURLToPath(new URL("pickle-oracle.py", import.meta.url));
const python = "/usr/bin/python3";

/** True when the real unpickler can be asked here. */
export function hasOracle(): boolean {
  return existsSync(python);
}

/** What CPython's C unpickler does with each of these, reading from a file without peek or ("memory") with one. */
export function askOracle(pickles: readonly Uint8Array[], as: "file" | "memory"): OracleAnswer[] {
  const input = `${pickles.map((bytes) => Buffer.from(bytes).toString("base64")).join("\n")}\n`;
  const run = spawnSync(python, [script, ...(as === "memory" ? ["peek"] : [])], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
  return run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as OracleAnswer);
}
