import { resolve } from "node:path";
import type { Invocation } from "./command.ts";

/** The home folder a command works on: `--home`, else CASTELLAN_HOME, else `.castellan` here. */
export function readHome(call: Pick<Invocation, "options" | "env" | "cwd">): string {
  const chosen = call.options["home"];
  return resolve(call.cwd, typeof chosen === "string" ? chosen : (call.env["CASTELLAN_HOME"] ?? ".castellan"));
}
