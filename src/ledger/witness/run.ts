import { setTimeout as sleep } from "node:timers/promises";
import type { Signer } from "../../core/ports.ts";
import type { Clock } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { serveWitness } from "./server.ts";
import { openWitnessState } from "./state.ts";
import { createWitness } from "./witness.ts";

/** How often we look whether the process that started us still lives, ms. */
const launcherPollMs = 250;

export interface WitnessProcess {
  readonly name: string;
  readonly signer: Signer;
  /** vkeys of the logs it follows. */
  readonly logs: readonly string[];
  /** Folder of its state; locked while it runs. */
  readonly stateDir: string;
  /** "HOST:PORT"; port 0 for any free one; "[::1]:0" for IPv6. */
  readonly listen: string;
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Process id of whoever started us; when that one dies, the witness ends. */
  readonly launcher: number | undefined;
  /** Told once it answers requests. */
  ready(place: { readonly url: string; readonly vkey: string }): void;
  /** Told about errors of ours while serving. */
  onError(error: unknown): void;
}

/**
 * Runs a witness until `signal` aborts or its launcher dies; resolves when it has stopped.
 * @throws USAGE for a bad address; BUSY when another witness uses the state; UNAVAILABLE when it cannot listen
 */
export async function runWitness(options: WitnessProcess): Promise<void> {
  const { host, port } = parseListen(options.listen);
  const held = await openWitnessState(options.stateDir, options.clock);
  try {
    const witness = createWitness({ ...options, state: held.state });
    const server = await serveWitness(witness, { host, port, onError: (error) => options.onError(error) });
    try {
      options.ready({ url: server.url, vkey: witness.vkey });
      await stopped(options.signal, options.launcher);
    } finally {
      await server.close();
    }
  } finally {
    held.close();
  }
}

/** Host and port of "HOST:PORT". @throws USAGE */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535))
    return fail("USAGE", {
      message: `"${text.slice(0, 80)}" is not an address to listen on`,
      next: "Write HOST:PORT, such as 127.0.0.1:4040; port 0 takes any free one.",
    });
  return { host, port };
}

/** Resolves when `signal` aborts or the launcher is gone: a process whose parent dies is handed to another one. */
async function stopped(signal: AbortSignal, launcher: number | undefined): Promise<void> {
  const parent = process.ppid;
  const alive = (): boolean => launcher === undefined || (process.ppid === parent && isAlive(launcher));
  try {
    while (!signal.aborted && alive()) await sleep(launcherPollMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
