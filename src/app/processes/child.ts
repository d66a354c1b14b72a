import { isCastellanError } from "../../kit/errors.ts";
import type { ChildMessage, ParentMessage, StartMessage } from "./messages.ts";

/** A serving process from the inside, once it runs. */
export interface RunningChild {
  /** Where it listens. */
  readonly url: string;
  message?(message: ParentMessage): void;
  close(): Promise<void>;
}

/** How long a process may take to end its requests before it goes anyway. */
const closeMs = 6000;

/**
 * The life of a serving process: waits for its start message, runs, tells its launcher how it went, and ends when told to
 * or when the launcher is gone, however that died. Signals that a terminal sends to the whole group are left to the launcher.
 */
export async function runChild(
  start: (message: StartMessage, tell: (message: ChildMessage) => void) => Promise<RunningChild>,
): Promise<void> {
  if (!process.send) {
    process.stderr.write('This process is started by "castellan up".\n');
    process.exitCode = 2;
    return;
  }
  let running: RunningChild | undefined;
  const early: ParentMessage[] = [];
  const first = Promise.withResolvers<StartMessage>();
  const over = Promise.withResolvers<void>();
  process.once("disconnect", over.resolve);
  process.on("message", (message: ParentMessage | StartMessage) => {
    if (message.type === "start") first.resolve(message);
    else if (message.type === "stop") over.resolve();
    else if (running) running.message?.(message);
    else early.push(message);
  });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  const message = await Promise.race([first.promise, over.promise]);
  if (message) {
    try {
      running = await start(message, tell);
      for (const one of early) running.message?.(one);
      tell({ type: "ready", url: running.url });
      await over.promise;
    } catch (error) {
      tell(failure(error));
      process.exitCode = 1;
    }
  }
  const late = setTimeout(() => process.exit(), closeMs);
  late.unref();
  await running?.close().catch(() => {});
  process.exit();
}

/** Sends to the launcher; once that is gone there is nobody to tell. */
function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

function failure(error: unknown): ChildMessage {
  if (!isCastellanError(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${text}\n`);
    return { type: "failed", code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, where, next } = error;
  return {
    type: "failed",
    code,
    message,
    ...(where === undefined ? {} : { where }),
    ...(next === undefined ? {} : { next }),
  };
}
