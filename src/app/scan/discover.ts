import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fail } from "../../kit/errors.ts";
import { extensionOf } from "../../scan/probe.ts";
import { ioError } from "../home/durable-file.ts";
import type { Discovery, FoundFile } from "./discovery.ts";
import { openIgnoring } from "./ignoring.ts";
import type { Ignoring } from "./ignoring.ts";

export interface DiscoverOptions {
  readonly cwd: string;
  /** Respect .gitignore (inside a git work tree) and .castellanignore. */
  readonly ignore: boolean;
  /** True for extensions that model files carry: such files are examined even where git ignores them. */
  modelExtension(extension: string): boolean;
}

/**
 * All files below `paths`, lazily. Links are never followed (what lies inside is found as itself; a link to a model outside is
 * incomplete), special files are skipped and listed, what cannot be read is incomplete.
 * @throws NOT_FOUND, FORBIDDEN, IO for a path given by the user
 */
export function* discover(paths: readonly string[], options: DiscoverOptions): Generator<Discovery> {
  const roots = paths.map((path) => rootOf(path, options.cwd));
  for (const [index, root] of roots.entries()) {
    const covered = roots.some(
      (other, place) =>
        (other.folder && root.location.startsWith(other.location + sep)) ||
        (place < index && other.location === root.location),
    );
    if (covered) continue;
    if (root.file) yield { kind: "file", file: root.file };
    else {
      const ignoring = openIgnoring(root.location, options);
      yield* walk({ location: root.location, path: root.path, ignored: undefined }, root.location, ignoring, options);
      yield* ignoring.summary();
    }
  }
}

interface Root {
  readonly location: string;
  readonly path: string;
  readonly folder: boolean;
  readonly file?: FoundFile;
}

function rootOf(path: string, cwd: string): Root {
  let location: string;
  let size: number;
  let kind: "file" | "folder" | "other";
  try {
    // The user named it, so a link here is meant.
    location = realpathSync(resolve(cwd, path));
    const stat = statSync(location);
    size = stat.size;
    kind = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
  } catch (error) {
    throw ioError(error, path);
  }
  if (kind === "other") {
    fail("UNSUPPORTED", { message: "Only files and folders can be scanned", where: path });
  }
  const shown = displayPath(resolve(cwd, path), cwd);
  if (kind === "folder") return { location, path: shown, folder: true };
  return { location, path: shown, folder: false, file: { path: shown, location, size, named: true } };
}

/** The path as reports show it. */
function displayPath(location: string, cwd: string): string {
  const below = relative(cwd, location);
  const outside = below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below);
  return (outside ? location : below).split(sep).join("/");
}

interface Folder {
  readonly location: string;
  readonly path: string;
  /** The ignored folder it lies in. */
  readonly ignored: string | undefined;
}

function* walk(folder: Folder, root: string, ignoring: Ignoring, options: DiscoverOptions): Generator<Discovery> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder.location, { withFileTypes: true });
  } catch (error) {
    yield {
      kind: "incomplete",
      entry: { path: folder.path || ".", why: `the folder cannot be read: ${reasonOf(error)}` },
    };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  ignoring.enter(folder.location);
  for (const entry of entries) {
    const location = join(folder.location, entry.name);
    const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name === ".git") {
        yield { kind: "skipped", entry: { path: `${path}/`, why: "git's own data" } };
        continue;
      }
      const ignored = folder.ignored ?? ignoring.verdict(location, path, true);
      yield* walk({ location, path, ignored }, root, ignoring, options);
    } else if (entry.isSymbolicLink()) yield* link(location, path, root, options);
    else if (!entry.isFile()) yield { kind: "skipped", entry: { path, why: specialKind(entry) } };
    else {
      const ignored = folder.ignored ?? ignoring.verdict(location, path, false);
      if (
        ignored !== undefined &&
        !(ignoring.examinesModels(ignored) && options.modelExtension(extensionOf(entry.name)))
      ) {
        ignoring.count(ignored);
        continue;
      }
      yield* found(location, path);
    }
  }
  ignoring.leave();
}

function* found(location: string, path: string): Generator<Discovery> {
  try {
    yield { kind: "file", file: { path, location, size: lstatSync(location).size, named: false } };
  } catch (error) {
    yield { kind: "incomplete", entry: { path, why: `the file cannot be read: ${reasonOf(error)}` } };
  }
}

function* link(location: string, path: string, root: string, options: DiscoverOptions): Generator<Discovery> {
  let target: string;
  let file: boolean;
  try {
    target = realpathSync(location);
    file = statSync(target).isFile();
  } catch {
    yield { kind: "skipped", entry: { path, why: "a link that leads nowhere" } };
    return;
  }
  if (target === root || target.startsWith(root + sep)) {
    yield { kind: "skipped", entry: { path, why: "a link to something that is examined where it is" } };
  } else if (file && options.modelExtension(extensionOf(path))) {
    yield {
      kind: "incomplete",
      entry: { path, why: "a link that leads out of what is scanned", next: `Scan what it points to: ${target}` },
    };
  } else yield { kind: "skipped", entry: { path, why: "a link that leads out of what is scanned" } };
}

function specialKind(entry: Dirent): string {
  if (entry.isFIFO()) return "a named pipe";
  if (entry.isSocket()) return "a socket";
  return "a device or another special file";
}

function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
