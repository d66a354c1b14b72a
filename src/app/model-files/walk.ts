import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import type { Dirent, Stats } from "node:fs";
import { join, relative, sep } from "node:path";
import { fail } from "../../kit/errors.ts";
import { pathFault, shown } from "../../seal/model-signing/names.ts";

/** A regular file of a model. */
export interface ModelFile {
  /** Path from the model's root, `/` between its parts; the basename for a model of one file. */
  readonly path: string;
  /** Where it is on this machine. */
  readonly location: string;
}

/** Something under the root that is not a plain file or folder, or cannot be named in a manifest. */
export interface Oddity {
  readonly kind: "symlink" | "special" | "name";
  readonly path: string;
  readonly message: string;
}

export interface WalkOptions {
  /** Follow symbolic links; otherwise each is an oddity. */
  readonly followSymlinks: boolean;
  /** True for paths to leave out, with everything below them. */
  excluded(path: string): boolean;
  /** Most files and folders to look at; two million unless told. */
  readonly maxEntries?: number;
}

export interface Walk {
  /** True when the model is a single file. */
  readonly single: boolean;
  readonly files: readonly ModelFile[];
  readonly oddities: readonly Oddity[];
  /** Things a person should know that do not stop anything. */
  readonly warnings: readonly string[];
}

const mostEntries = 2_000_000;
const maxDepth = 200;

/**
 * All regular files of the model at `root`, a folder or a single file. Nothing is opened. Excluded paths are not even
 * looked into.
 * @throws NOT_FOUND, LIMIT, IO
 */
export function walkModel(root: string, options: WalkOptions): Walk {
  const base = lstatSync(root, { throwIfNoEntry: false }) ?? fail("NOT_FOUND", `${root} does not exist`);
  const files: ModelFile[] = [];
  const oddities: Oddity[] = [];
  const warnings: string[] = [];
  if (base.isSymbolicLink() && !options.followSymlinks) {
    oddities.push({ kind: "symlink", path: ".", message: "the model's path is itself a symbolic link" });
    return { single: false, files, oddities, warnings };
  }
  const model = base.isSymbolicLink() ? target(root) : base;
  if (!model) fail("NOT_FOUND", `${root} is a symbolic link that leads nowhere`);
  if (!model.isDirectory()) {
    const path = root.split(sep).at(-1)!;
    const fault = pathFault(path);
    if (fault) oddities.push({ kind: "name", path, message: `the file name ${shown(path)} ${fault}` });
    else if (model.isFile()) files.push({ path, location: root });
    else oddities.push({ kind: "special", path, message: `${shown(path)} is not a regular file` });
    return { single: true, files, oddities, warnings };
  }
  const realRoot = realpathSync(root);
  const maxEntries = options.maxEntries ?? mostEntries;
  let entries = 0;

  /** `ancestors` are the real paths of the folders above, to notice links that lead back up. */
  const visit = (folder: string, prefix: string, ancestors: readonly string[]): void => {
    if (ancestors.length > maxDepth) fail("LIMIT", `${shown(prefix)} lies deeper than ${maxDepth} folders`);
    for (const entry of list(folder)) {
      if (++entries > maxEntries) fail("LIMIT", `the model holds more than ${maxEntries} files and folders`);
      if (entry === undefined) {
        const message = `a name in ${shown(prefix === "" ? "." : prefix)} is not valid UTF-8`;
        oddities.push({ kind: "name", path: prefix, message });
        continue;
      }
      const path = prefix + entry.name;
      if (options.excluded(path)) continue;
      const fault = pathFault(path);
      if (fault) {
        oddities.push({ kind: "name", path, message: `the name ${shown(path)} ${fault}` });
        continue;
      }
      const location = join(folder, entry.name);
      if (entry.isFile()) files.push({ path, location });
      else if (entry.isDirectory()) visit(location, `${path}/`, [...ancestors, join(ancestors.at(-1)!, entry.name)]);
      else if (!entry.isSymbolicLink()) {
        oddities.push({ kind: "special", path, message: `${shown(path)} is neither a regular file nor a folder` });
      } else if (!options.followSymlinks) {
        oddities.push({ kind: "symlink", path, message: `${shown(path)} is a symbolic link` });
      } else follow(path, location, ancestors);
    }
  };

  const follow = (path: string, location: string, ancestors: readonly string[]): void => {
    const found = target(location);
    if (!found) {
      oddities.push({ kind: "symlink", path, message: `${shown(path)} is a symbolic link that leads nowhere` });
      return;
    }
    const real = realpathSync(location);
    const inside = relative(realRoot, real);
    if (inside === ".." || inside.startsWith(`..${sep}`)) {
      warnings.push(`${shown(path)} is a symbolic link to a target outside the model`);
    }
    if (found.isFile()) files.push({ path, location });
    else if (!found.isDirectory()) {
      oddities.push({ kind: "special", path, message: `${shown(path)} leads to something that is not a regular file` });
    } else if (ancestors.includes(real)) {
      warnings.push(`${shown(path)} is a symbolic link back to a folder above it; it is not followed`);
    } else visit(location, `${path}/`, [...ancestors, real]);
  };

  visit(root, "", [realRoot]);
  return { single: false, files, oddities, warnings };
}

/** What a link leads to; undefined when it leads nowhere or in circles. */
function target(location: string): Stats | undefined {
  try {
    return statSync(location);
  } catch {
    return undefined;
  }
}

/** Entries of a folder; undefined stands for one whose name is not UTF-8. */
function list(folder: string): (Dirent | undefined)[] {
  const entries = readFolder(folder);
  // Node puts U+FFFD where bytes are not UTF-8. A name may also hold that character itself, which only the bytes tell.
  if (!entries.some(({ name }) => name.includes("\uFFFD"))) return entries;
  const genuine = new Set(
    readdirSync(folder, { encoding: "buffer" })
      .filter((bytes) => Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes))
      .map((bytes) => bytes.toString("utf8")),
  );
  return entries.map((entry) => (genuine.has(entry.name) ? entry : undefined));
}

function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    return fail("IO", { message: `a folder of the model cannot be read: ${(cause as Error).message}`, cause });
  }
}
