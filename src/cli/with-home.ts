import { type Home, homeOptionsOf, openHome } from "../app/home/open.ts";
import type { Invocation, OptionSpec } from "./command.ts";
import { settingsOf } from "./home-option.ts";

export const homeOption: OptionSpec = { flags: "--home <dir>", help: "home folder (default .castellan)" };
export const policyOption: OptionSpec = {
  flags: "--policy <file>",
  help: "policy to ask (default: the home's policy.yaml)",
};

/** Opens the home a command works on, runs `work` and closes it again, whatever happens. */
export async function withHome<T>(call: Invocation, work: (home: Home) => Promise<T>): Promise<T> {
  const { settings, warnings } = settingsOf(call);
  for (const warning of warnings) call.note(`note: ${warning}`);
  const home = await openHome(settings.home, homeOptionsOf(settings));
  try {
    return await work(home);
  } finally {
    await home.close();
  }
}
