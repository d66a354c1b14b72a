import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { ioError } from "../app/home/durable-file.ts";
import { homeLayout } from "../app/home/layout.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import { parseVkey } from "../ledger/note.ts";
import type { Invocation, OptionSpec } from "./command.ts";

// Arguments the ledger commands share: where the log is, and whose keys to believe.

/** Longest vkey, proof or members file read from the command line's paths. */
const maxFileBytes = 8 * 1024 * 1024;

/** Folder and key of the log a command is about. */
export interface LogPlace {
  readonly dir: string;
  readonly vkey: string;
}

/** The value of an option that takes one. */
export function textOption(call: Invocation, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === "string" ? value : undefined;
}

/** The values of a repeatable option. */
export function listOption(call: Invocation, name: string): readonly string[] {
  const value = call.options[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** The value of an option that takes a whole number. @throws USAGE */
export function countOption(call: Invocation, name: string): number | undefined {
  const value = textOption(call, name);
  if (value === undefined) return undefined;
  return /^\d{1,9}$/.test(value)
    ? Number(value)
    : fail("USAGE", `--${name} takes a whole number, not "${value.slice(0, 40)}"`);
}

/** The options {@link logPlace} reads. */
export const logOptions: readonly OptionSpec[] = [
  { flags: "--log <dir>", help: "folder of the log (default: the home's)" },
  { flags: "--vkey <key>", help: "the log's key: a vkey, or a file that holds it (default: the home's)" },
  { flags: "--home <dir>", help: "home folder (default: .castellan)" },
];

/**
 * Folder and key of the log: `--log` and `--vkey`, each by default that of `--home` (default `.castellan`), whose key is
 * believed because the home is ours.
 * @throws USAGE when the key is known neither way; NOT_FOUND, MALFORMED
 */
export async function logPlace(call: Invocation): Promise<LogPlace> {
  const home = homeLayout(resolve(call.cwd, textOption(call, "home") ?? ".castellan"));
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
    vkey: await vkeyFrom(key ?? home.logVkey, call.cwd),
  };
}

/** A vkey given as such, or as a file that holds it. @throws MALFORMED, UNSUPPORTED, NOT_FOUND */
export async function vkeyFrom(text: string, cwd: string): Promise<string> {
  try {
    parseVkey(text);
    return text;
  } catch (error) {
    if (!isCastellanError(error, "MALFORMED") || !existsSync(resolve(cwd, text))) throw error;
  }
  const path = resolve(cwd, text);
  const vkey = (await textFile(path)).trim();
  parseVkey(vkey);
  return vkey;
}

/** The bytes of a file of reasonable size. @throws NOT_FOUND, LIMIT, IO */
export async function fileBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > maxFileBytes) fail("LIMIT", { message: `the file is larger than ${maxFileBytes} bytes`, where: path });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw isCastellanError(cause) ? cause : ioError(cause, path);
  }
}

/** The UTF-8 text of a file of reasonable size. @throws NOT_FOUND, LIMIT, IO */
export async function textFile(path: string): Promise<string> {
  return (await fileBytes(path)).toString("utf8");
}
