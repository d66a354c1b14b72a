import { dirname, join, relative, sep } from "node:path";
import type { IgnoreRules } from "../../scan/ignore-rules.ts";
import type { Discovery } from "./discovery.ts";
import { gitTop, readIgnoreFile } from "./git-folder.ts";

/** Which files of one walk are left out, by which file's rules, and how many they were. */
export interface Ignoring {
  /** The walk goes into a folder: its .gitignore counts until {@link leave}. */
  enter(location: string): void;
  leave(): void;
  /** Under which heading this entry is left out; undefined when it is not. */
  verdict(location: string, path: string, folder: boolean): string | undefined;
  /** True when model files are examined all the same: what git does not keep, people still load. */
  examinesModels(heading: string): boolean;
  /** One more file left out under a heading. */
  count(heading: string): void;
  /** What was left out, for the report. */
  summary(): Generator<Discovery>;
}

interface Layer {
  readonly base: string;
  readonly rules: IgnoreRules;
}

/** The user's own: in the folder the scan is started in. */
const ownFile = ".castellanignore";
/** One that came with what is scanned: a downloaded model does not get to hide itself. */
const carriedFile = `its ${ownFile}`;

/** Starts with the ignore files that apply at `root`. */
export function openIgnoring(root: string, options: { readonly ignore: boolean; readonly cwd: string }): Ignoring {
  const own = options.ignore && holds(options.cwd, root) ? layersAt([options.cwd], ownFile) : [];
  const carried = options.ignore && root !== options.cwd ? layersAt([root], ownFile) : [];
  const top = options.ignore ? gitTop(root) : undefined;
  const git: (Layer | undefined)[] = [];
  if (top !== undefined) {
    git.push(...layersAt([top], ".git/info/exclude"));
    if (top !== root) git.push(...layersAt(foldersBetween(top, dirname(root)), ".gitignore"));
  }
  const left = new Map<string, number>();
  return {
    enter(location) {
      git.push(top === undefined ? undefined : layersAt([location], ".gitignore")[0]);
    },
    leave() {
      git.pop();
    },
    verdict(location, path, folder) {
      const shown = folder ? `${path}/` : path;
      const place = folder ? shown : "";
      if (decide(own, location, folder)) return `${ownFile}\0${place}`;
      if (decide(carried, location, folder)) return `${carriedFile}\0${place}`;
      return decide(git, location, folder) ? `.gitignore\0${place}` : undefined;
    },
    examinesModels: (heading) => !heading.startsWith(`${ownFile}\0`),
    count(heading) {
      left.set(heading, (left.get(heading) ?? 0) + 1);
    },
    *summary() {
      for (const [heading, count] of left) {
        const [file = "", folder = ""] = heading.split("\0");
        const files = `${count} ${count === 1 ? "file" : "files"} left out by ${file}`;
        const models = file === ownFile ? "" : " (model files were examined)";
        yield { kind: "skipped", entry: { path: folder, why: files + models } };
      }
    },
  };
}

/** The innermost file that says something decides. */
function decide(layers: readonly (Layer | undefined)[], location: string, folder: boolean): boolean {
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = layers[index];
    if (!layer) continue;
    const verdict = layer.rules.decide(relative(layer.base, location).split(sep).join("/"), folder);
    if (verdict !== undefined) return verdict;
  }
  return false;
}

function layersAt(bases: readonly string[], file: string): Layer[] {
  return bases.flatMap((base) => {
    const rules = readIgnoreFile(join(base, file));
    return rules ? [{ base, rules }] : [];
  });
}

function holds(base: string, location: string): boolean {
  return base === location || location.startsWith(base.endsWith(sep) ? base : base + sep);
}

/** Folders from `top` down to `bottom`, both included. */
function foldersBetween(top: string, bottom: string): string[] {
  const folders: string[] = [];
  for (let at = bottom; holds(top, at); at = dirname(at)) {
    folders.unshift(at);
    if (at === top) break;
  }
  return folders;
}
