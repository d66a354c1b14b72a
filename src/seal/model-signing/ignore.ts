import { fail } from "../../kit/errors.ts";
import { alwaysExcluded } from "./format.ts";
import { pathFault, shown } from "./names.ts";

/**
 * Brings a path a user wants left out into the specification's form (§6.2.1): relative to the model's root, exact, `/`
 * between its parts. A leading `./` and a trailing `/` are forgiven.
 * @throws USAGE for patterns, absolute paths and paths with `..`
 */
export function ignorePath(text: string): string {
  const path = text.replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
  const fault = pathFault(path) ?? (/[*?[]/.test(path) ? "holds a pattern character (*, ? or [)" : undefined);
  if (fault) {
    fail("USAGE", {
      message: `ignored path ${shown(text)} ${fault}`,
      next: "Name a file or folder by its exact path from the model's root.",
    });
  }
  return path;
}

/**
 * A test for paths that are left out: git's own files at the top, the given paths, and everything below them. Entries
 * are exact paths from the root, never patterns.
 */
export function excluder(ignored: Iterable<string>): (path: string) => boolean {
  const all = new Set([...alwaysExcluded, ...ignored]);
  return (path) => {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      if (all.has(path.slice(0, slash))) return true;
    }
    return all.has(path);
  };
}
