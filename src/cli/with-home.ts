import { openHome, type Home } from "../app/home/open.ts";
import type { Invocation, OptionSpec } from "./command.ts";
import { readHome } from "./home-option.ts";

export const homeOption: OptionSpec = { flags: "--home <dir>", help: "home folder (default .castellan)" };

/** Opens the home a command works on, runs `work` and closes it again, whatever happens. */
export async function withHome<T>(call: Invocation, work: (home: Home) => Promise<T>): Promise<T> {
  const databaseUrl = call.env["DATABASE_URL"];
  const home = await openHome(readHome(call), { databaseUrl });
  try {
    return await work(home);
  } finally {
    await home.close();
  }
}

/** The value of a text option. */
export function textOption(call: Pick<Invocation, "options">, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of a repeatable option; none when it was not given. */
export function listOption(call: Pick<Invocation, "options">, name: string): readonly string[] {
  const value = call.options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
