/**
 * Runs `work` every `ms` milliseconds, never twice at once, until the returned function is called; that one resolves when
 * the last run has ended. What `work` throws is its own to handle and ends nothing.
 */
export function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const tick = (): void => {
    running = work()
      .catch(() => {})
      .then(() => {
        if (!stopped) timer = setTimeout(tick, ms);
      });
  };
  timer = setTimeout(tick, ms);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
