import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { CastellanError, type ErrorCode } from "../../kit/errors.ts";
import type { ModelServerOptions } from "../../serve/model-server-options.ts";
import type { ChildMessage, GatewayStart, ParentMessage, SharedHomeOptions, StartMessage } from "./messages.ts";

export interface ServingOptions {
  readonly home: string;
  readonly homeOptions?: SharedHomeOptions;
  readonly gateway?: GatewayStart["options"];
  readonly modelServer?: Omit<ModelServerOptions, "secret">;
  /** Where lines about restarts and declared gaps go. */
  readonly note?: ((line: string) => void) | undefined;
  /** Told whenever a process is up (again) or down. */
  readonly changed?: ((state: ServingState) => void) | undefined;
}

/** A process as its launcher sees it. */
export interface ProcessState {
  readonly pid: number | undefined;
  /** Where it listens; undefined while it is down. */
  readonly url: string | undefined;
}

export interface ServingState {
  readonly gateway: ProcessState;
  readonly modelServer: ProcessState;
}

/** The serving processes, up and watched. */
export interface Serving {
  /** The gateway's address; it stays the same when the gateway is restarted. */
  readonly url: string;
  state(): ServingState;
  /** Ends both, requests on their way first. */
  stop(): Promise<void>;
}

const backoffMs = { first: 100, most: 5000, stableAfter: 10_000 };
const stopMs = 8000;

/**
 * Starts model server and gateway as processes of their own and keeps them up: one that dies is started again, at once and
 * then with growing pauses. They know each other's secret over IPC only, and end when this process does.
 * @throws what a process reports when it cannot start the first time
 */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const secret = randomBytes(32).toString("hex");
  const { home, homeOptions = {}, note } = options;
  let port = options.gateway?.port ?? 0;
  let gateway: Watched | undefined;

  const changed = (): void => options.changed?.({ gateway: gateway?.state ?? down, modelServer: modelServer.state });
  const modelServer = new Watched("model server", entry("modelserver"), {
    start: () => ({
      type: "start",
      process: "modelserver",
      home,
      homeOptions,
      options: { ...options.modelServer, secret },
    }),
    up: (origin) => {
      gateway?.send({ type: "upstream", endpoint: { origin, secret } });
      changed();
    },
    down: () => {
      gateway?.send({ type: "upstream", endpoint: null });
      changed();
    },
    note,
  });
  try {
    await modelServer.started;
    const watched = new Watched("gateway", entry("gateway"), {
      start: () => ({ type: "start", process: "gateway", home, homeOptions, options: { ...options.gateway, port } }),
      begun: (send) => {
        const { url } = modelServer.state;
        if (url !== undefined) send({ type: "upstream", endpoint: { origin: url, secret } });
      },
      up: (url) => {
        port = Number(new URL(url).port);
        changed();
      },
      down: changed,
      note,
    });
    gateway = watched;
    const url = await watched.started;
    return {
      url,
      state: () => ({ gateway: watched.state, modelServer: modelServer.state }),
      async stop() {
        // The gateway first: its requests on their way still need the model server.
        await watched.stop();
        await modelServer.stop();
      },
    };
  } catch (error) {
    await Promise.all([gateway?.stop(), modelServer.stop()]);
    throw error;
  }
}

const down: ProcessState = Object.freeze({ pid: undefined, url: undefined });

/** The program of a serving process, source or built. It is run, not imported: it lives on a floor above this one's imports. */
function entry(room: "gateway" | "modelserver"): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(`../../${room}/main${here.endsWith(".ts") ? ".ts" : ".js"}`, here));
}

interface WatchedHooks {
  start(): StartMessage;
  /** After the start message of every new process. */
  begun?(send: (message: ParentMessage) => void): void;
  up(url: string): void;
  down(): void;
  readonly note: ((line: string) => void) | undefined;
}

/** One process, restarted while it should run. */
class Watched {
  /** Resolves with its address when it is up for the first time. */
  readonly started: Promise<string>;
  readonly #title: string;
  readonly #path: string;
  readonly #hooks: WatchedHooks;
  #child: ChildProcess | undefined;
  #url: string | undefined;
  #stopping = false;
  #pauseMs = backoffMs.first;
  #timer: NodeJS.Timeout | undefined;
  #first: PromiseWithResolvers<string> | undefined = Promise.withResolvers<string>();
  #failure: CastellanError | undefined;

  constructor(title: string, path: string, hooks: WatchedHooks) {
    this.#title = title;
    this.#path = path;
    this.#hooks = hooks;
    this.started = this.#first!.promise;
    this.#launch();
  }

  get state(): ProcessState {
    return { pid: this.#child?.pid, url: this.#url };
  }

  send(message: ParentMessage): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #launch(): void {
    const since = performance.now();
    // Standard output belongs to the launcher's own answer; what processes say goes to standard error.
    const child = fork(this.#path, [], { stdio: ["ignore", process.stderr, process.stderr, "ipc"], execArgv: [] });
    this.#child = child;
    child.on("message", (message: ChildMessage) => this.#heard(message));
    child.on("error", () => {}); // a failed start shows as exit
    child.once("exit", (code, signal) => this.#ended(signal ?? `code ${code}`, performance.now() - since));
    child.send(this.#hooks.start(), () => {});
    this.#hooks.begun?.((message) => this.send(message));
  }

  #heard(message: ChildMessage): void {
    if (message.type === "note") this.#hooks.note?.(message.line);
    else if (message.type === "failed") {
      const { code, ...parts } = message;
      this.#failure = new CastellanError(code as ErrorCode, parts);
    } else {
      this.#url = message.url;
      this.#failure = undefined;
      this.#first?.resolve(message.url);
      this.#first = undefined;
      this.#hooks.up(message.url);
    }
  }

  #ended(how: string, ranMs: number): void {
    this.#child = undefined;
    this.#url = undefined;
    this.#hooks.down();
    if (this.#stopping) return;
    if (this.#first) {
      this.#first.reject(
        this.#failure ?? new CastellanError("INTERNAL", `The ${this.#title} ended (${how}) before it was up`),
      );
      return;
    }
    if (ranMs > backoffMs.stableAfter) this.#pauseMs = backoffMs.first;
    const why = this.#failure ? `: ${this.#failure.message}` : "";
    this.#hooks.note?.(`The ${this.#title} ended (${how})${why}; starting it again in ${this.#pauseMs} ms`);
    this.#timer = setTimeout(() => this.#launch(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, backoffMs.most);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => {
      child.once("exit", resolve);
    });
    this.send({ type: "stop" });
    const force = setTimeout(() => child.kill("SIGKILL"), stopMs);
    await ended;
    clearTimeout(force);
  }
}
