import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ignoreFileLimit, parseIgnoreRules } from "../../scan/ignore-rules.ts";
import type { IgnoreRules } from "../../scan/ignore-rules.ts";

/** The top of the git work tree that holds `folder`; undefined when it is in none. */
export function gitTop(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** The rules of an ignore file; undefined when there is none that can be read. */
export function readIgnoreFile(location: string): IgnoreRules | undefined {
  try {
    const stat = statSync(location, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > ignoreFileLimit) return undefined;
    return parseIgnoreRules(readFileSync(location, "utf8"));
  } catch {
    // Unreadable rules leave nothing out: more is examined, never less.
    return undefined;
  }
}
