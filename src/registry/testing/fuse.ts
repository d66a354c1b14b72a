import type { RegistryOptions } from "../context.ts";
import type { Repository } from "../../store/repository.ts";

/** What a process sees that dies: from one moment on, nothing it starts happens. */
export class Death extends Error {
  constructor() {
    super("the process died here");
  }
}

/** A registry's ports that die at the `at`-th step; a step is the moment before or after something becomes durable. */
export function mortal(
  options: RegistryOptions,
  at: number,
): { readonly ports: RegistryOptions; readonly died: () => boolean } {
  let steps = 0;
  const step = () => {
    steps += 1;
    if (steps >= at) throw new Death();
  };
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    step();
    const result = await work();
    step();
    return result;
  };
  const repository = new Proxy(options.repository, {
    get(target, name) {
      if (name === "transaction")
        return (work: (tx: Repository) => Promise<unknown>) =>
          around(() =>
            target.transaction(async (tx) => {
              const result = await work(tx);
              step();
              return result;
            }),
          );
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  const { blobs } = options;
  const ports: RegistryOptions = {
    ...options,
    repository,
    blobs: {
      write: (key, bytes) => around(() => blobs.write(key, bytes)),
      read: (key) => blobs.read(key),
      delete: (key) => around(() => blobs.delete(key)),
      has: (key) => blobs.has(key),
      list: () => blobs.list(),
    },
    async openLog() {
      step();
      const log = await options.openLog();
      return {
        origin: log.origin,
        vkey: log.vkey,
        get size() {
          return log.size;
        },
        append: (entry) => around(() => log.append(entry)),
        publish: () => around(() => log.publish()),
        // The lock goes with a process, so a dead one closes too.
        close: () => log.close(),
      };
    },
  };
  return { ports, died: () => steps >= at };
}
