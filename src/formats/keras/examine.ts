import type { Severity } from "../../core/finding.ts";
import type { Concern } from "../model-config/concern.ts";
import { concernList } from "../model-config/concern.ts";
import type { JsonNode, JsonObject } from "../model-config/json-node.ts";
import { briefly, everyNode, textsOf, valuesOf } from "../model-config/json-node.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { opensFile } from "./file-strings.ts";
import { dangerOf, knownAnywhere, standingOf } from "./known.ts";
import { wordsOfCode } from "./marshalled.ts";
import { isCommonModule } from "./packages.ts";
import { isPythonBuiltin } from "./python-builtins.ts";
import { computesOnly } from "./tensorflow-functions.ts";

/**
 * - "code": Python code in the configuration itself.
 * - "reach": loading looks up and uses a name that is no part of a model.
 * - "files": loading opens files or addresses.
 * - "custom": the model needs code that is not in the file.
 */
export type KerasRule = "code" | "reach" | "files" | "custom";

/** What building a model from a Keras configuration would do. */
export interface KerasConfig {
  /** Objects judged. */
  readonly objects: number;
  readonly concerns: readonly Concern<KerasRule>[];
  readonly gaps: readonly Gap[];
}

const mostGaps = 50;
const plainValues = new Set([
  "__tensor__",
  "__numpy__",
  "__bytes__",
  "__ellipsis__",
  "__slice__",
  "__keras_tensor__",
  "CompositeTensorSpec",
]);
const operatorLayers = new Set(["TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "InstanceProperty"]);
const base64Code = /^[A-Za-z0-9+/\s]{24,}={0,2}\s*$/;

/** True when some object in `root` is one that Keras would build. */
export function isKerasConfig(root: JsonNode): boolean {
  for (const node of everyNode(root)) {
    if (node.kind === "object" && valuesOf(node, "class_name").length > 0) {
      if (node === root || valuesOf(node, "config").length > 0) return true;
    }
  }
  return false;
}

/** Judges every object a Keras configuration describes, wherever it stands, in every reading its repeated keys allow. */
export function examineKeras(root: JsonNode, meter: Meter): KerasConfig {
  const examiner = new KerasExaminer();
  for (const node of everyNode(root)) {
    meter.tick();
    examiner.see(node);
  }
  const { objects, list, gaps } = examiner;
  return { objects, concerns: list.concerns, gaps };
}

interface Named {
  readonly name: string;
  /** Undefined: none is given. */
  readonly module: string | undefined;
  readonly registered: readonly string[];
  readonly what: "class" | "function";
  readonly at: JsonObject;
}

class KerasExaminer {
  objects = 0;
  readonly list = concernList<KerasRule>();
  readonly gaps: Gap[] = [];

  see(node: JsonNode): void {
    if (node.kind !== "object") return;
    for (const member of node.members) {
      const file = opensFile(member);
      if (!file) continue;
      const severity = file.certain ? "high" : "medium";
      const refs = file.certain && member.key === "vocabulary" ? ["cve:CVE-2025-12058"] : [];
      this.add(
        "files",
        severity,
        file.why,
        node,
        `${member.key}: ${briefly(member.value)}`,
        `file ${member.key}`,
        refs,
      );
    }
    const names = valuesOf(node, "class_name");
    if (names.length === 0) return;
    this.objects++;
    const modules = valuesOf(node, "module");
    const registered = textsOf(node, "registered_name");
    if (modules.some(({ kind }) => kind === "object" || kind === "array")) this.gap(node, "a module that is no text");
    const texts = modules.map((module) => (module.kind === "string" && module.text !== "" ? module.text : undefined));
    for (const name of names) {
      if (name.kind !== "string") this.gap(node, "a class_name that is no text");
      else
        for (const module of texts.length > 0 ? texts : [undefined]) this.object(name.text, module, registered, node);
    }
  }

  private object(name: string, module: string | undefined, registered: readonly string[], at: JsonObject): void {
    const configs = valuesOf(at, "config");
    if (name === "__lambda__") {
      for (const config of configs.length > 0 ? configs : [at]) this.code("a lambda", config, at);
    } else if (plainValues.has(name)) {
      return;
    } else if (name === "__typespec__") {
      for (const spec of textsOf(at, "spec_name")) {
        const own = module !== undefined && /^tensorflow(\.|$)/.test(module) && /^\w+Spec$/.test(spec);
        if (!own) this.judge({ name: spec, module, registered, what: "class", at });
      }
    } else if (name === "function") {
      const functions = configs.flatMap((config) => (config.kind === "string" ? [config.text] : []));
      if (functions.length < configs.length) this.gap(at, "a function whose name is no text");
      for (const found of new Set([...functions, ...registered.filter((text) => text !== "function")])) {
        this.judge({ name: found, module, registered, what: "function", at });
      }
    } else if (operatorLayers.has(name) && !module?.includes("src")) {
      this.operator(name, configs, at);
    } else if (name === "Lambda") {
      this.lambda(configs, at);
    } else if (/^__\w+__$/.test(name)) {
      this.gap(at, `a value of the unknown kind ${name}`);
    } else {
      this.judge({ name, module, registered, what: "class", at });
      for (const other of registered) {
        // Keras looks the registered name up in the module too, when it does not find the class there.
        const plain = /^[A-Za-z_]\w*$/.test(other) && other !== name && module !== undefined;
        if (plain) this.judge({ name: other, module, registered: [], what: "class", at });
      }
    }
  }

  private judge(named: Named): void {
    const { name, module, registered, what, at } = named;
    const danger = dangerOf(name);
    const shown = `${module === undefined ? "" : `${module}.`}${name}`.slice(0, 200);
    if (module === undefined || module === "builtins") {
      if (danger && module === undefined) return this.reach("high", named, danger.what, danger.refs);
      if (knownAnywhere(name)) return;
      if (module === "builtins" && isPythonBuiltin(name))
        return this.reach("high", named, "a function of Python itself");
      return this.custom(shown, what, at);
    }
    const standing = standingOf(module, name);
    if (standing === "known") return;
    if (standing === "unfamiliar") {
      this.gap(
        at,
        `${shown}, which is not among the ${what === "class" ? "classes" : "functions"} of Keras known here`,
      );
    } else if (standing === "machinery") {
      this.reach(
        "high",
        named,
        danger?.what ?? "a part of Keras that belongs to no model",
        danger?.refs ?? ["cve:CVE-2025-8747"],
      );
    } else if (module === "__main__" || module === "__mp_main__") {
      this.custom(shown, what, at);
    } else if (danger) {
      this.reach("high", named, danger.what, danger.refs);
    } else if (isCommonModule(module)) {
      this.reach("high", named, `found in a module that exists wherever models are loaded`, ["cve:CVE-2025-1550"]);
    } else if (what === "class" && registered.some((text) => /^[\w.-]+>\w+$/.test(text))) {
      this.custom(shown, what, at);
    } else {
      this.reach("high", named, "in a module that loading imports", ["cve:CVE-2025-1550"]);
    }
  }

  private reach(
    severity: Severity,
    { name, module, what, at }: Named,
    why: string,
    refs: readonly string[] = [],
  ): void {
    const shown = `${module === undefined ? "" : `${module}.`}${name}`.slice(0, 200);
    const sentence = `Loading looks up the ${what} ${shown}, ${why}`;
    this.add("reach", severity, sentence, at, briefly(at, 400), shown, refs);
  }

  private custom(shown: string, what: string, at: JsonObject): void {
    const why = `The model uses the ${what} ${shown}, which Keras does not have: whoever loads it has to supply its code`;
    this.add("custom", "medium", why, at, briefly(at), shown);
    this.gap(at, `the ${what} ${shown}, whose code is not in the file`);
  }

  private lambda(configs: readonly JsonNode[], at: JsonObject): void {
    let explained = configs.length > 0;
    for (const config of configs) {
      const functions = valuesOf(config, "function");
      if (functions.length === 0) explained = false;
      for (const found of functions) {
        if (found.kind === "object") continue; // Judged as the object it is.
        if (found.kind !== "string" || !knownAnywhere(found.text)) explained = false;
      }
      if (config.kind !== "object") continue;
      for (const { key, value } of config.members) {
        if (carriesCode(value)) {
          this.code(`the ${key} of a Lambda layer`, value, at);
          return;
        }
      }
    }
    if (explained) {
      this.add(
        "custom",
        "low",
        "A Lambda layer applies a function that is named elsewhere in the configuration",
        at,
        briefly(at),
        "Lambda",
      );
    } else {
      this.add(
        "code",
        "high",
        "A Lambda layer: its function is Python code or a name looked up while loading",
        at,
        briefly(at),
        "Lambda",
      );
    }
  }

  private operator(layer: string, configs: readonly JsonNode[], at: JsonObject): void {
    const functions = configs.flatMap((config) =>
      ["function", "symbol", "class_ref", "cls_symbol", "attr_name"].flatMap((key) => textsOf(config, key)),
    );
    const bad = functions.find(
      (name) => !computesOnly(name) && layer !== "InstanceProperty" && layer !== "InstanceMethod",
    );
    if (bad !== undefined) {
      const why = `A ${layer} layer calls tf.${bad.slice(0, 100)}, which is not among the functions that only compute`;
      this.add("reach", "high", why, at, briefly(at), `tf.${bad.slice(0, 100)}`);
    } else if (functions.length === 0) this.gap(at, `a ${layer} layer that names no function`);
  }

  private code(what: string, code: JsonNode, at: JsonObject): void {
    const texts = [...everyNode(code)].flatMap((node) =>
      node.kind === "string" && base64Code.test(node.text) ? [node.text] : [],
    );
    const words = texts.flatMap((text) => wordsOfCode(text));
    const evidence = words.length > 0 ? `names and texts in the code: ${words.join(", ")}` : briefly(at, 300);
    const why = `The configuration holds compiled Python code (${what}), which runs when the model is loaded or used`;
    this.add("code", "critical", why, at, evidence, what);
  }

  private add(
    rule: KerasRule,
    severity: Severity,
    why: string,
    at: JsonObject,
    evidence: string,
    key: string,
    refs: readonly string[] = [],
  ): void {
    this.list.add({ rule, severity, why: `${why}.`, offset: at.offset, evidence, key, refs });
  }

  private gap(at: JsonObject, what: string): void {
    if (this.gaps.length < mostGaps) this.gaps.push({ why: `the configuration names ${what}`, offset: at.offset });
  }
}

/** The forms in which Keras writes marshalled code: a list of base64 text, defaults and closure; or an object with "code". */
function carriesCode(value: JsonNode): boolean {
  if (value.kind === "array") {
    const [first] = value.items;
    return first?.kind === "string" && base64Code.test(first.text);
  }
  return value.kind === "string" && value.text.length > 60 && base64Code.test(value.text);
}
