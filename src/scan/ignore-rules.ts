import { globMatches, nameMatches } from "./glob.ts";

/** One line of an ignore file. */
interface Rule {
  readonly pattern: string;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
  /** Holds a "/" before its end: matched from the file's own folder, not against any name below. */
  readonly anchored: boolean;
}

/** The rules of one ignore file, in its own folder's terms. */
export interface IgnoreRules {
  /** True: left out; false: taken back in; undefined: says nothing. The last matching line decides. @param path below the file's folder */
  decide(path: string, folder: boolean): boolean | undefined;
}

/** Longest ignore file that is read. */
export const ignoreFileLimit = 1024 * 1024;

/** Reads a file in the format of .gitignore (gitignore(5)). Never throws: an odd line matches what it matches. */
export function parseIgnoreRules(text: string): IgnoreRules {
  const rules = text.slice(0, ignoreFileLimit).split(/\r?\n/).flatMap(parseRule);
  return {
    decide(path, folder) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const rule = rules.findLast(
        (rule) =>
          (folder || !rule.foldersOnly) &&
          (rule.anchored ? globMatches(rule.pattern, path) : nameMatches(rule.pattern, name)),
      );
      return rule && !rule.negated;
    },
  };
}

function parseRule(line: string): readonly Rule[] {
  let pattern = line.replace(/(?<!\\)\s+$/, "").replace(/\\ $/, " ");
  if (pattern === "" || pattern.startsWith("#")) return [];
  const negated = pattern.startsWith("!");
  if (negated) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith("/");
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  if (pattern.startsWith("/")) pattern = pattern.slice(1);
  return pattern === "" ? [] : [{ pattern, negated, foldersOnly, anchored }];
}
