import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { homeLayout } from "../app/home/layout.ts";
import { textOf } from "../kit/bytes.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { parseVkey } from "../ledger/note.ts";
import type { Invocation, OptionSpec } from "./command.ts";
import { readHome } from "./home-option.ts";
import { textOption } from "./options.ts";
import { readArgument } from "./read-argument.ts";

// Arguments the ledger commands share: where the log is, and whose keys to believe.

/** Longest vkey, proof or members file read from the command line's paths. */
export const maxFileBytes = 8 * 1024 * 1024;

/** Folder and key of the log a command is about. */
export interface LogPlace {
  readonly dir: string;
  readonly vkey: string;
}

/** The options {@link logPlace} reads. */
export const logOptions: readonly OptionSpec[] = [
  { flags: "--log <dir>", help: "folder of the log (default: the home's)" },
  { flags: "--vkey <key>", help: "the log's key: a vkey, or a file that holds it (default: the home's)" },
  { flags: "--home <dir>", help: "home folder (default: .castellan)" },
];

/**
 * Folder and key of the log: `--log` and `--vkey`, each by default that of `--home` (default CASTELLAN_HOME or `.castellan`), whose key is
 * believed because the home is ours.
 * @throws USAGE when the key is known neither way; NOT_FOUND, MALFORMED
 */
export function logPlace(call: Invocation): LogPlace {
  const home = homeLayout(readHome(call));
  const dir = textOption(call, "log");
  const key = textOption(call, "vkey");
  if (key === undefined && !existsSync(home.logVkey)) {
    if (dir !== undefined)
      fail("USAGE", {
        message: "the log's key is not known",
        next: "Give it with --vkey; it must come from whoever owns the log, not from the log's own folder.",
      });
    fail("NOT_FOUND", {
      message: "there is no castellan home here",
      where: home.root,
      next: 'Name another with --home, make one with "castellan init", or name a log with --log and --vkey.',
    });
  }
  return {
    dir: dir === undefined ? home.log : resolve(call.cwd, dir),
    vkey: vkeyFrom(key ?? home.logVkey, call.cwd),
  };
}

/** A vkey given as such, or as a file that holds it. @throws MALFORMED, UNSUPPORTED, USAGE */
export function vkeyFrom(text: string, cwd: string): string {
  try {
    parseVkey(text);
    return text;
  } catch (error) {
    if (!isCastellanError(error, "MALFORMED") || !existsSync(resolve(cwd, text))) throw error;
  }
  const path = resolve(cwd, text);
  const vkey = textFile(path, "the key file").trim();
  parseVkey(vkey);
  return vkey;
}

/** The UTF-8 text of a file an option names, e.g. `what` = "the members file". @throws USAGE, LIMIT, MALFORMED */
export function textFile(path: string, what: string): string {
  return textOf(readArgument(path, what, maxFileBytes), what);
}
