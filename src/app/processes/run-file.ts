import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isJsonObject } from "../../kit/json.ts";
import type { HomeLayout } from "../home/layout.ts";
import { writeDurably } from "../home/durable-file.ts";

/** What of a home is running: written by `up`, read by `status`. */
export interface RunState {
  readonly pid: number;
  readonly gateway: string;
  readonly modelServerPid?: number | undefined;
  readonly gatewayPid?: number | undefined;
  readonly startedAt: string;
}

const runFile = (layout: HomeLayout): string => join(layout.run, "up.json");

/** Remembers what runs. */
export function writeRunState(layout: HomeLayout, state: RunState): void {
  mkdirSync(dirname(runFile(layout)), { recursive: true, mode: 0o700 });
  writeDurably(runFile(layout), `${JSON.stringify(state)}\n`, 0o600);
}

/** Forgets it, when this process is the one that wrote it. */
export function clearRunState(layout: HomeLayout, pid: number): void {
  if (readRunState(layout)?.pid === pid) rmSync(runFile(layout), { force: true });
}

/** What runs, or undefined when nothing does; a file left behind by a process that died counts as nothing. */
export function readRunState(layout: HomeLayout): RunState | undefined {
  if (!existsSync(runFile(layout))) return undefined;
  try {
    const state: unknown = JSON.parse(readFileSync(runFile(layout), "utf8"));
    if (!isJsonObject(state) || typeof state["pid"] !== "number" || typeof state["gateway"] !== "string")
      return undefined;
    return alive(state["pid"]) ? (state as unknown as RunState) : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
