import { fail } from "../kit/errors.ts";

/** Most files a version may have. */
export const maxFiles = 10_000;
/** Longest path of a file, in UTF-8 bytes. */
export const maxPathBytes = 1024;

/** Why `path` cannot be the path of a file in a version; undefined when it can. */
export function pathFault(path: string): string | undefined {
  if (path === "") return "is empty";
  if (!path.isWellFormed()) return "is not valid Unicode";
  if (Buffer.byteLength(path) > maxPathBytes) return `is longer than ${maxPathBytes} bytes`;
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(path)) return "holds a control character";
  if (path.includes("\\")) return 'holds a backslash; separate folders by "/"';
  if (path.startsWith("/")) return "is absolute";
  if (/^[A-Za-z]:/.test(path)) return "begins like a drive";
  for (const segment of path.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return `has a "${segment}" segment`;
  }
  return undefined;
}

/**
 * `path`, when it can be the path of a file in a version: relative, "/"-separated, without "." and ".." segments, backslashes
 * and control characters, at most 1,024 bytes.
 * @throws MALFORMED naming the path
 */
export function checkPath(path: string): string {
  const fault = pathFault(path);
  return fault === undefined
    ? path
    : fail("MALFORMED", {
        message: `The path ${JSON.stringify(path.slice(0, 200))} ${fault}`,
        where: path.slice(0, 200),
      });
}

/**
 * Collects the paths of one version and refuses what two common file systems could not keep apart: repeats, names that differ
 * only in case or in Unicode normalization, and a file where another path needs a folder.
 */
export class PathSet {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** Adds a path. @throws MALFORMED naming both paths · LIMIT for more than 10,000 */
  add(path: string): void {
    checkPath(path);
    if (this.#files.size >= maxFiles) fail("LIMIT", `A version has at most ${maxFiles} files`);
    const key = folded(path);
    const same = this.#files.get(key);
    if (same === path) clash(path, "is listed twice");
    if (same !== undefined) clash(path, `differs from ${JSON.stringify(same)} only in case or normalization`);
    const inside = this.#folders.get(key);
    if (inside !== undefined) clash(path, `is a file, but ${JSON.stringify(inside)} needs it as a folder`);
    for (let slash = key.indexOf("/"); slash >= 0; slash = key.indexOf("/", slash + 1)) {
      const folder = key.slice(0, slash);
      const file = this.#files.get(folder);
      if (file !== undefined) clash(path, `needs ${JSON.stringify(file)} as a folder, but that is a file`);
      this.#folders.set(folder, path);
    }
    this.#files.set(key, path);
  }
}

/** What a file system that ignores case and normalization sees of a path. */
function folded(path: string): string {
  return path.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

function clash(path: string, how: string): never {
  fail("MALFORMED", { message: `The path ${JSON.stringify(path)} ${how}`, where: path });
}
