/**
 * Calls `gone` when the process that launched us has ended. Only launchers that announce themselves by CASTELLAN_LAUNCHER_PID
 * are watched: a shell may end while what it started in the background goes on.
 * @returns stops watching
 */
export function watchLauncher(env: { readonly [name: string]: string | undefined }, gone: () => void): () => void {
  const launcher = Number(env["CASTELLAN_LAUNCHER_PID"]);
  if (!Number.isInteger(launcher) || launcher <= 1 || process.ppid !== launcher) return () => {};
  const timer = setInterval(() => {
    if (process.ppid !== launcher) gone();
  }, 250);
  timer.unref();
  return () => clearInterval(timer);
}
