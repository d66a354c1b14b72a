import { readSettings } from "../app/config/read.ts";
import type { LoadedSettings } from "../app/config/read.ts";
import type { Invocation } from "./command.ts";

/** The settings a command works under: castellan.yaml, then CASTELLAN_* variables, then its options. @throws CONFIG */
export function settingsOf(call: Pick<Invocation, "options" | "env" | "cwd">): LoadedSettings {
  return readSettings({ cwd: call.cwd, env: call.env, options: call.options });
}

/** The home folder a command works on: `--home`, else CASTELLAN_HOME, else the file's, else `.castellan` here. */
export function readHome(call: Pick<Invocation, "options" | "env" | "cwd">): string {
  return settingsOf(call).settings.home;
}
