import type { Concern } from "../model-config/concern.ts";
import { concernList } from "../model-config/concern.ts";
import type { JsonNode, JsonObject } from "../model-config/json-node.ts";
import { briefly, everyNode, textsOf, valuesOf } from "../model-config/json-node.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { isTrustedType, loaders } from "./known.ts";

/** - "reach": a name that is no part of an estimator. - "disguise": a node whose loader ignores, or differs from, what it shows. */
export type SkopsRule = "reach" | "disguise";

/** What loading a skops schema would build. */
export interface SkopsSchema {
  readonly nodes: number;
  readonly concerns: readonly Concern<SkopsRule>[];
  readonly gaps: readonly Gap[];
}

/** True when the tree has nodes as skops writes them. */
export function isSkopsSchema(root: JsonNode): boolean {
  return root.kind === "object" && valuesOf(root, "__loader__").length > 0 && valuesOf(root, "__class__").length > 0;
}

/**
 * Judges every node of a skops schema.json, in every reading its repeated keys allow. Written from skops' documentation and source
 * (skops/io, up to 0.13); not verified against files of the library.
 */
export function examineSkops(root: JsonNode, meter: Meter): SkopsSchema {
  const { concerns, add } = concernList<SkopsRule>();
  const gaps: Gap[] = [];
  const gap = (why: string, { offset }: JsonObject): void => {
    if (gaps.length < 30) gaps.push({ why, offset });
  };
  let nodes = 0;
  for (const node of everyNode(root)) {
    meter.tick();
    if (node.kind !== "object" || valuesOf(node, "__loader__").length + valuesOf(node, "__class__").length === 0)
      continue;
    nodes++;
    const names = textsOf(node, "__class__");
    const modules = textsOf(node, "__module__");
    if (names.length === 0 || modules.length === 0) gap("a node has no class or no module", node);
    for (const loader of textsOf(node, "__loader__")) {
      const kind = loaders.get(loader);
      if (kind === undefined) gap(`a node is loaded by ${loader.slice(0, 100)}, which is not known`, node);
      else if (kind === "reach") {
        const why = `A ${loader} makes loading look up a method or an operator by name, whatever type the file shows for it`;
        const told = textsOf(node, "__class__").some((name) => /^(?:attrgetter|itemgetter|methodcaller)$/.test(name));
        const severity = loader === "OperatorFuncNode" && told ? "medium" : "high";
        add({
          rule: "disguise",
          severity,
          why: `${why}.`,
          offset: node.offset,
          evidence: briefly(node, 300),
          key: loader,
          refs: ["cve:CVE-2025-54412", "cve:CVE-2025-54413"],
        });
      }
      for (const module of modules)
        for (const name of names) {
          if (isTrustedType(module, name)) continue;
          const shown = `${module}.${name}`.slice(0, 200);
          add({
            rule: "reach",
            severity: "high",
            why: `Loading imports ${shown} and builds or calls it (${loader.slice(0, 60)}).`,
            offset: node.offset,
            evidence: briefly(node, 300),
            key: shown,
          });
        }
    }
    for (const key of ["type", "obj", "func", "attrs"]) {
      // Function and type nodes name what they stand for a second time, in their content.
      for (const content of valuesOf(node, "content")) {
        for (const inner of textsOf(content, key))
          if (/[().;]/.test(inner) && !/^[\w.]+$/.test(inner)) gap(`a node's ${key} is no name`, node);
      }
    }
    for (const content of valuesOf(node, "content")) {
      for (const module of textsOf(content, "module_path"))
        for (const name of textsOf(content, "function")) {
          if (isTrustedType(module, name)) continue;
          const shown = `${module}.${name}`.slice(0, 200);
          add({
            rule: "reach",
            severity: "high",
            why: `Loading looks up the function ${shown}.`,
            offset: node.offset,
            evidence: briefly(node, 300),
            key: shown,
          });
        }
    }
  }
  return { nodes, concerns, gaps };
}
