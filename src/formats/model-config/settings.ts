import type { Severity } from "../../core/finding.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { isAddress, leavesFolder } from "./addresses.ts";
import type { Concern } from "./concern.ts";
import { concernList } from "./concern.ts";
import type { JsonMember, JsonNode, JsonObject } from "./json-node.ts";
import { briefly, everyNode, textsOf, valuesOf } from "./json-node.ts";
import { isModelPart } from "./targets.ts";

/**
 * - "remote-code": the settings bring code of their own (auto_map, custom pipelines) or ask to trust it.
 * - "target": they name what shall be built or called.
 * - "place": they lead to other places: paths outward, addresses.
 */
export type SettingsRule = "remote-code" | "target" | "place";

/** What settings of a model make their loader do. */
export interface ModelSettings {
  readonly concerns: readonly Concern<SettingsRule>[];
  readonly gaps: readonly Gap[];
}

const markers = new Set([
  "auto_map",
  "custom_pipelines",
  "trust_remote_code",
  "_target_",
  "custom_objects",
  "model_type",
  "architectures",
  "tokenizer_class",
  "processor_class",
  "image_processor_type",
  "feature_extractor_type",
  "base_model_name_or_path",
  "peft_type",
  "_class_name",
  "_diffusers_version",
  "loader_module",
  "python_function",
  "auto_mapping",
  "tokenizer_file",
  "__component__",
  "_component_",
  "quantization_config",
]);
const places = new Set([
  "base_model_name_or_path",
  "_name_or_path",
  "name_or_path",
  "tokenizer_file",
  "tokenizer_name_or_path",
  "vocab_file",
  "merges_file",
  "spm_file",
  "tokenizer_name",
  "special_tokens_map_file",
  "from_tf",
  "weights_path",
  "checkpoint",
  "model_path",
  "restore_from_path",
  "init_from_nemo_model",
]);
const targetKeys = new Set(["_target_", "_component_", "__component__"]);

/** Where components of diffusers' own pipelines come from: the two libraries, and modules inside of diffusers. */
const pipelineLibraries =
  /^(?:diffusers|transformers|stable_diffusion|latent_diffusion|paint_by_example|deepfloyd_if|stable_cascade|wuerstchen|unidiffuser|kandinsky|stable_diffusion_safe|versatile_diffusion|audioldm2|shap_e|blip_diffusion|ledits_pp|ip_adapter)$/;

/** True when some key is one that settings of models have. */
export function isModelSettings(root: JsonNode): boolean {
  if (root.kind === "array") return root.items.some((item) => isModuleEntry(item));
  for (const node of everyNode(root)) {
    if (node.kind === "object" && node.members.some(({ key }) => markers.has(key))) return true;
  }
  return false;
}

/** Judges the settings of Hugging Face libraries, Hydra, NeMo, MLflow, PEFT and sentence-transformers, wherever they stand in the text. */
export function examineSettings(root: JsonNode, meter: Meter): ModelSettings {
  const examiner = new SettingsExaminer();
  if (root.kind === "array") for (const item of root.items) if (isModuleEntry(item)) examiner.module(item);
  for (const node of everyNode(root)) {
    meter.tick();
    if (node.kind === "object") for (const member of node.members) examiner.member(member, node, node === root);
  }
  return { concerns: examiner.list.concerns, gaps: examiner.gaps };
}

/** An entry of sentence-transformers' modules.json. */
function isModuleEntry(node: JsonNode): node is JsonObject {
  return (
    node.kind === "object" &&
    valuesOf(node, "type").length > 0 &&
    valuesOf(node, "path").length > 0 &&
    valuesOf(node, "idx").length > 0
  );
}

class SettingsExaminer {
  readonly list = concernList<SettingsRule>();
  readonly gaps: Gap[] = [];

  module(entry: JsonObject): void {
    for (const type of textsOf(entry, "type")) this.target(type, "type", entry);
    for (const path of textsOf(entry, "path")) this.place("path", path, entry);
  }

  member({ key, value }: JsonMember, at: JsonObject, top: boolean): void {
    if (key === "auto_map" || key === "custom_pipelines") this.autoMap(key, value, at);
    else if (key === "auto_mapping") this.autoMapping(value, at);
    else if (
      key === "trust_remote_code" &&
      value.kind !== "object" &&
      value.kind !== "array" &&
      !["false", "null", "0", ""].includes(value.text.toLowerCase())
    ) {
      this.add(
        "remote-code",
        "high",
        "The settings say that code from elsewhere is to be trusted and run (trust_remote_code)",
        at,
        `${key}: ${value.text.slice(0, 80)}`,
        key,
      );
    } else if (key === "custom_objects" && isFilled(value)) {
      this.add(
        "target",
        "medium",
        "The settings name custom objects, whose code is not in the file",
        at,
        briefly(value),
        key,
      );
    } else if (targetKeys.has(key)) {
      if (value.kind === "string") this.target(value.text, key, at);
      else this.gap(`${key} is not a text`, at);
    } else if (key === "loader_module" && value.kind === "string") {
      if (!/^mlflow\.\w+(?:\.model)?$/.test(value.text)) {
        this.add(
          "target",
          "high",
          `Loading imports the module ${value.text.slice(0, 200)} and calls it (MLflow loader_module)`,
          at,
          briefly(at),
          value.text,
        );
      }
    } else if (key === "_class_name" && value.kind === "string") this.pipeline(value.text, at, top);
    else if (places.has(key) && value.kind === "string") this.place(key, value.text, at);
  }

  private autoMap(key: string, value: JsonNode, at: JsonObject): void {
    const names = [...everyNode(value)].flatMap((node) => (node.kind === "string" ? [node.text] : []));
    if (names.length === 0) {
      if (isFilled(value)) this.gap(`${key} has no form known here`, at);
      return;
    }
    const elsewhere = names.find((name) => name.includes("--") || isAddress(name));
    const where =
      elsewhere === undefined
        ? "Python files beside it"
        : `the repository ${elsewhere.split("--", 1)[0]!.slice(0, 150)}`;
    const why = `Loading with trust_remote_code imports and runs ${where} (${key}: ${names.slice(0, 4).join(", ").slice(0, 300)})`;
    this.add("remote-code", "high", why, at, briefly(value), key);
  }

  private autoMapping(value: JsonNode, at: JsonObject): void {
    for (const name of textsOf(value, "parent_library")) {
      if (!/^transformers(?:\.|$)/.test(name) || name.startsWith("transformers_modules")) {
        this.add(
          "target",
          "high",
          `Loading imports the module ${name.slice(0, 200)} (auto_mapping)`,
          at,
          briefly(value),
          name,
        );
      }
    }
  }

  private pipeline(name: string, at: JsonObject, top: boolean): void {
    for (const { key, value } of top ? at.members : []) {
      // diffusers' index: component → [library, class].
      if (value.kind !== "array" || value.items.length !== 2) continue;
      const [library, part] = value.items;
      if (library?.kind !== "string" || part?.kind !== "string") continue;
      if (pipelineLibraries.test(library.text)) continue;
      const why = `The pipeline's component ${key.slice(0, 60)} is ${library.text.slice(0, 100)}.${part.text.slice(0, 100)}, which is outside of diffusers and transformers`;
      this.add("target", "high", why, at, briefly(value), `${library.text}.${part.text}`);
    }
    if (!/^\w+$/.test(name)) this.gap("_class_name is not the name of a class", at);
  }

  private target(target: string, key: string, at: JsonObject): void {
    if (isModelPart(target)) return;
    const shown = target.slice(0, 200);
    const why = `Loading builds or calls ${shown} (${key}), which is not a known part of models`;
    this.add("target", "high", why, at, briefly(at, 400), shown);
  }

  private place(key: string, text: string, at: JsonObject): void {
    if (isAddress(text)) {
      const severity = /^(?:https:\/\/huggingface\.co\/|hf:\/\/)/.test(text) ? "low" : "medium";
      this.add(
        "place",
        severity,
        `${key} leads to the address ${text.slice(0, 200)}`,
        at,
        `${key}: ${text.slice(0, 200)}`,
        key,
      );
    } else if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text) && key !== "_name_or_path" && key !== "name_or_path") {
      this.add(
        "place",
        "medium",
        `${key} leads out of the model's folder: ${text.slice(0, 200)}`,
        at,
        `${key}: ${text.slice(0, 200)}`,
        key,
      );
    } else if (leavesFolder(text)) {
      // Left by training on somebody's machine: common, and looked up nowhere by itself.
      this.add(
        "place",
        "info",
        `${key} holds a path of the machine it was written on: ${text.slice(0, 200)}`,
        at,
        `${key}: ${text.slice(0, 200)}`,
        key,
      );
    }
  }

  private add(
    rule: SettingsRule,
    severity: Severity,
    why: string,
    at: JsonObject,
    evidence: string,
    key: string,
  ): void {
    this.list.add({ rule, severity, why: `${why}.`, offset: at.offset, evidence, key });
  }

  private gap(why: string, at: JsonObject): void {
    if (this.gaps.length < 20) this.gaps.push({ why, offset: at.offset });
  }
}

function isFilled(value: JsonNode): boolean {
  if (value.kind === "object") return value.members.length > 0;
  if (value.kind === "array") return value.count > 0;
  return !["null", "false", ""].includes(value.text);
}
