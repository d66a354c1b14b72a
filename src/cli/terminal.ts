import { once } from "node:events";
import type { Json } from "../kit/canonical-json.ts";
import type { Progress } from "../kit/progress.ts";
import type { Invocation } from "./command.ts";

/** The two output streams, the stop signal, and what the first words of the command line say about them. */
export interface Terminal {
  readonly colour: boolean;
  /** True once the JSON document went out. */
  readonly emitted: boolean;
  print(line: string): void;
  error(line: string): void;
  emit(document: Json): void;
  /** What a command gets. Who takes `signal` stops by itself; everybody else ends at the first signal, as is usual. */
  invocation(parsed: Pick<Invocation, "args" | "options" | "json" | "quiet">): Invocation;
  /** Waits until everything was handed to the operating system. */
  close(): Promise<void>;
}

/** Wraps the process's streams. `--json` and `--quiet` are looked up in `argv` so that errors before parsing obey them too. */
export function terminalFor(host: NodeJS.Process, argv: readonly string[]): Terminal {
  const json = argv.includes("--json");
  const quiet = argv.includes("--quiet");
  const colour = host.stdout.isTTY === true && !host.env["NO_COLOR"] && host.env["TERM"] !== "dumb";
  let abort: AbortSignal | undefined;
  // A reader that went away (`| head`) is no reason to crash or to complain.
  host.stdout.on("error", () => {});
  host.stderr.on("error", () => {});
  let emitted = false;
  const print = (line: string): void => {
    if (!json) host.stdout.write(`${line}\n`);
  };
  const emit = (document: Json): void => {
    if (json) host.stdout.write(`${JSON.stringify(document)}\n`);
    emitted = true;
  };
  return {
    colour,
    get emitted() {
      return emitted;
    },
    print,
    emit,
    error: (line) => host.stderr.write(`${line}\n`),
    invocation: (parsed) => ({
      ...parsed,
      colour,
      cwd: host.cwd(),
      env: host.env,
      stdin: host.stdin,
      print,
      emit,
      note: (line) => {
        if (!quiet) host.stderr.write(`${line}\n`);
      },
      progress: quiet ? { step() {} } : progressLine(host.stderr),
      get signal() {
        return (abort ??= stopSignal(host));
      },
    }),
    async close() {
      for (const stream of [host.stdout, host.stderr]) if (stream.writableNeedDrain) await once(stream, "drain");
    },
  };
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process the ordinary way. */
function stopSignal(host: NodeJS.Process): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) host.once(name, () => controller.abort());
  return controller.signal;
}

/** One line that rewrites itself, on a terminal only, starting after two seconds and at most ten times a second. */
function progressLine(stream: NodeJS.WriteStream): Progress {
  const startAfter = performance.now() + 2_000;
  let next = startAfter;
  return {
    step(what, done, total) {
      const now = performance.now();
      if (!stream.isTTY || now < next) return;
      next = now + 100;
      const share = total ? ` ${Math.floor((100 * done) / total)} %` : "";
      stream.write(`\r\u001b[K${what} ${done}${total ? `/${total}` : ""}${share}`);
      if (total !== undefined && done >= total) stream.write("\r\u001b[K");
    },
  };
}
