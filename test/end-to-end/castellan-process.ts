import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The program as users start it. */
export const program = fileURLToPath(new URL("../../bin/castellan", import.meta.url));

/** How a command ended. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The one JSON document of `--json`; undefined when standard output holds none. */
  readonly json: unknown;
  /** The error it ended with, from that document. */
  readonly error: { readonly code: string; readonly message: string; readonly where?: string } | undefined;
}

/** Serving processes started through `castellan up`. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly pid: number;
  /** What was said on standard error so far. */
  said(): string;
  /** Process ids of the launcher's children as the home's run file has them now. */
  children(): { readonly gateway: number; readonly modelServer: number };
  /** Ends it as Ctrl-C does, and waits. @returns the exit code */
  stop(): Promise<number | null>;
  /** Resolves when the launcher has ended, however. */
  readonly ended: Promise<number | null>;
}

/** Settings of the developer's own must not reach the processes under test. */
function cleanEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env))
    if (!/^(CASTELLAN_|DATABASE_URL$|NODE_OPTIONS$|VITEST)/.test(name)) env[name] = value;
  return { ...env, NO_COLOR: "1", ...more };
}

/** Runs a command to its end. */
export function castellan(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd,
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, err] = [gather(child.stdout), gather(child.stderr)];
    child.once("error", reject);
    child.once("close", (code) => {
      const json = parsed(out());
      const error = (json as { error?: Finished["error"] } | undefined)?.error;
      resolve({ code, out: out(), err: err(), json, error });
    });
  });
}

/** Runs a command that must succeed, with `--json`. @returns its document */
export async function succeed<T = Record<string, unknown>>(args: readonly string[], cwd?: string): Promise<T> {
  const done = await castellan([...args, "--json"], cwd === undefined ? {} : { cwd });
  if (done.code !== 0) throw new Error(`castellan ${args.join(" ")} ended with ${done.code}: ${done.out}${done.err}`);
  return done.json as T;
}

/** Starts `castellan up` for `home` on a free port, or with further `args`, and waits until it serves. */
export async function serve(home: string, args: readonly string[] = []): Promise<Serving> {
  const child: ChildProcess = spawn(
    process.execPath,
    [program, "up", "--home", home, "--port", "0", "--json", ...args],
    { env: cleanEnvironment(), stdio: ["ignore", "pipe", "pipe"] },
  );
  const [out, err] = [gather(child.stdout!), gather(child.stderr!)];
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const ready = new Promise<{ gateway: string }>((resolve, reject) => {
    child.stdout!.on("data", () => {
      if (!out().includes("\n")) return;
      const line = JSON.parse(out()) as { gateway: string; error?: unknown };
      if (line.error === undefined) resolve(line);
    });
    void ended.then((code) => reject(new Error(`castellan up ended with ${code}: ${out()} ${err()}`)));
  });
  const { gateway: url } = await ready;
  const stop = async (): Promise<number | null> => {
    child.kill("SIGTERM");
    return ended;
  };
  return {
    url,
    home,
    pid: child.pid!,
    said: err,
    ended,
    stop,
    children() {
      const state = JSON.parse(readFileSync(join(home, "run", "up.json"), "utf8")) as {
        gatewayPid: number;
        modelServerPid: number;
      };
      return { gateway: state.gatewayPid, modelServer: state.modelServerPid };
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Is a process of this id running? A zombie nobody has waited for yet is not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
}

/** Asks again every 25 ms until the answer satisfies; the last answer when `ms` have passed without. */
export async function until<T>(ask: () => T | Promise<T>, satisfies: (answer: T) => boolean, ms = 15_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (satisfies(answer) || performance.now() > end) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => (text += chunk));
  return () => text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
