import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * Every product module below `source` and the relative imports it makes (static, dynamic and type-only alike).
 * Tests may import what they like and are left out. Paths are relative to `source`, with "/".
 * @param {string} source @returns {Map<string, string[]>}
 */
export function importGraph(source) {
  const graph = new Map();
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(ts|tsx|mjs)$/.test(entry.name) || /\.test\.|\.d\.ts$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    if (/[\\/]fixtures[\\/]/.test(relative(source, file))) continue;
    const { module, errors } = parseSync(file, readFileSync(file, "utf8"));
    if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
    const text = readFileSync(file, "utf8");
    const specifiers = [
      ...module.staticImports.map((item) => item.moduleRequest.value),
      ...module.staticExports.flatMap((item) => item.entries.map((each) => each.moduleRequest?.value)),
      ...module.dynamicImports.map(
        (item) => /^["'](.*)["']$/.exec(text.slice(item.moduleRequest.start, item.moduleRequest.end))?.[1],
      ),
    ];
    const targets = specifiers
      .filter((name) => name?.startsWith("."))
      .map((name) => slashes(relative(source, join(dirname(file), name))));
    graph.set(slashes(relative(source, file)), [...new Set(targets)]);
  }
  return graph;
}

/** Imports against the law: `[importer, imported]` pairs. */
export function forbiddenImports(graph, mayImport) {
  const room = (path) => path.split("/")[0];
  const found = [];
  for (const [from, targets] of graph) {
    for (const to of targets) if (to.startsWith("..") || !mayImport(room(from), room(to))) found.push([from, to]);
  }
  return found;
}

/** One import cycle as a list of modules, or undefined. */
export function importCycle(graph) {
  const state = new Map();
  const path = [];
  const visit = (module) => {
    state.set(module, "open");
    path.push(module);
    for (const next of graph.get(module) ?? []) {
      if (state.get(next) === "open") return [...path.slice(path.indexOf(next)), next];
      if (!state.has(next)) {
        const cycle = visit(next);
        if (cycle) return cycle;
      }
    }
    state.set(module, "done");
    path.pop();
    return undefined;
  };
  for (const module of graph.keys()) {
    if (state.has(module)) continue;
    const cycle = visit(module);
    if (cycle) return cycle;
  }
  return undefined;
}

const slashes = (path) => path.replaceAll("\\", "/");
