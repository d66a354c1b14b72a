import type { Json } from "../../kit/canonical-json.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { Meter } from "../reading/meter.ts";
import { loadYaml } from "../yaml/load.ts";
import type { JsonNode } from "./json-node.ts";
import type { ModelSettings } from "./settings.ts";
import { examineSettings, isModelSettings } from "./settings.ts";

/** Keys whose presence makes a YAML file settings of a model; looked for in the text, so that no trick of YAML's hides them. */
const telling =
  /_target_|_component_|trust_remote_code|loader_module|custom_objects|auto_map|model_type|!!python\/|tag:yaml\.org,2002:python/;
const pythonTag = /!(?:!|<tag:yaml\.org,2002:|tag:yaml\.org,2002:)python\/[\w./:]*/g;
const limits = { length: 4 * 1024 * 1024, tokens: 600_000, depth: 100 };

/** True when `text` may be YAML settings of a model. */
export function tellsOfModel(text: string): boolean {
  return telling.test(text);
}

/**
 * Judges YAML settings (Hydra, NeMo, MLflow's MLmodel). Tags that make PyYAML build Python objects are findings of their own.
 * @throws MALFORMED when it is not about a model after all; LIMIT when it is too long
 */
export function examineYaml(text: string, meter: Meter): ModelSettings {
  if (!tellsOfModel(text)) fail("MALFORMED", "No settings of a model");
  const tags = [...new Set(Array.from(text.matchAll(pythonTag), ([tag]) => tag))].slice(0, 20);
  const concerns = tags.map((tag) => ({
    rule: "target" as const,
    severity: /python\/(?:none|bool|str|unicode|bytes|int|long|float|complex|list|tuple|dict)$/.test(tag)
      ? ("low" as const)
      : ("critical" as const),
    why: `The tag ${tag.slice(0, 200)} makes PyYAML build a Python object while reading.`,
    key: tag.slice(0, 200),
  }));
  try {
    const { value } = loadYaml(text, "settings", limits);
    meter.hold(text.length * 4);
    const root = treeOf(value);
    const settings = isModelSettings(root) ? examineSettings(root, meter) : { concerns: [], gaps: [] };
    return { concerns: [...concerns, ...settings.concerns.map(withoutPlace)], gaps: settings.gaps };
  } catch (error) {
    if (!isCastellanError(error, "CONFIG", "LIMIT")) throw error;
    return { concerns, gaps: [{ why: `the settings cannot be read as plain YAML: ${error.message}` }] };
  }
}

function treeOf(value: Json): JsonNode {
  const offset = 0;
  if (value === null || typeof value === "boolean") return { kind: "word", offset, text: String(value) };
  if (typeof value === "number") return { kind: "number", offset, text: String(value) };
  if (typeof value === "string") return { kind: "string", offset, text: value };
  if (Array.isArray(value))
    return { kind: "array", offset, items: value.map((item) => treeOf(item as Json)), count: value.length };
  const members = Object.entries(value).map(([key, item]) => ({ key, offset, value: treeOf(item as Json) }));
  return { kind: "object", offset, members };
}

/** Places in the tree say nothing about places in the text. */
function withoutPlace({
  rule,
  severity,
  why,
  key,
  evidence,
}: ModelSettings["concerns"][number]): ModelSettings["concerns"][number] {
  return { rule, severity, why, key, ...(evidence === undefined ? {} : { evidence }) };
}
