import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ignorePath } from "../../seal/model-signing/ignore.ts";

/**
 * The path of `file` from the model's root in a manifest's form, or undefined when it lies outside (or is the root
 * itself). The file need not exist; links above it are resolved, so that two ways of writing one place agree.
 */
export function pathInside(root: string, file: string): string | undefined {
  const real = (path: string): string => (existsSync(path) ? realpathSync(path) : resolve(path));
  const inside = relative(real(root), join(real(dirname(resolve(file))), basename(file)));
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside.split(sep).join("/");
}

/**
 * The exclusions a user asked for, as exact paths from the model's root. A relative path is meant from the root. Shells
 * complete paths from the working folder, so one that names nothing under the root but something in the model when read
 * from there is taken that way. Absolute paths outside the model exclude nothing.
 * @throws USAGE for patterns and paths with `..`
 */
export function ignoredPaths(root: string, texts: readonly string[], cwd: string): string[] {
  const paths: string[] = [];
  for (const text of texts) {
    const fromHere = resolve(cwd, text);
    const named = isAbsolute(text) || (!existsSync(join(root, text)) && existsSync(fromHere));
    const inside = named ? pathInside(root, fromHere) : undefined;
    if (inside !== undefined) paths.push(ignorePath(inside));
    else if (!isAbsolute(text)) paths.push(ignorePath(text.split(sep).join("/")));
  }
  return paths;
}
