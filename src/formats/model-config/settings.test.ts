import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceModel } from "../../../test/support/reference-models.ts";
import { bytesSource } from "../../core/byte-source.ts";
import { isCastellanError } from "../../kit/errors.ts";
import { unmetered } from "../reading/meter.ts";
import { parseJson } from "./json-tree.ts";
import { examineSettings, isModelSettings } from "./settings.ts";
import { examineYaml } from "./yaml-settings.ts";

function found(value: unknown): string[] {
  const { root } = parseJson(
    bytesSource(Buffer.from(typeof value === "string" ? value : JSON.stringify(value))),
    unmetered,
  );
  return examineSettings(root, unmetered).concerns.map(({ severity, rule }) => `${severity} ${rule}`);
}

describe("settings that reach code are found", () => {
  test.each([
    [
      "auto_map",
      { auto_map: { AutoConfig: "configuration_x.C", AutoModel: "other/repo--modeling_x.M" } },
      ["high remote-code"],
    ],
    ["custom pipelines", { custom_pipelines: { p: { impl: "pipeline.P" } } }, ["high remote-code"]],
    ["trust asked for deep inside", { a: [{ trust_remote_code: true }] }, ["high remote-code"]],
    ["trust denied", { trust_remote_code: false }, []],
    ["a target of os", { _target_: "os.system" }, ["high target"]],
    [
      "a target of builtins through a model library",
      { _target_: "torch.nn.modules.module.os.system" },
      ["high target"],
    ],
    ["a loader in a model library", { _target_: "torch.hub.load" }, ["high target"]],
    ["a layer", { _target_: "torch.nn.Linear" }, []],
    ["a part of NeMo", { _target_: "nemo.collections.asr.modules.ConvASREncoder" }, []],
    ["a repeated key", '{"_target_": "torch.nn.Linear", "_target_": "subprocess.run"}', ["high target"]],
    [
      "modules of sentence-transformers",
      [{ idx: 0, name: "0", path: "", type: "sentence_transformers.models.Transformer" }],
      [],
    ],
    ["modules from elsewhere", [{ idx: 0, name: "0", path: "", type: "custom_st.Transformer" }], ["high target"]],
    [
      "a pipeline of diffusers",
      { _class_name: "P", unet: ["diffusers", "UNet2DConditionModel"], safety_checker: [null, null] },
      [],
    ],
    ["a pipeline's component from a file", { _class_name: "P", unet: ["my_unet", "M"] }, ["high target"]],
    ["an adapter of an address", { peft_type: "LORA", base_model_name_or_path: "http://x/y" }, ["medium place"]],
    ["an adapter's own module", { auto_mapping: { base_model_class: "X", parent_library: "os" } }, ["high target"]],
  ])("%s", (_, value, expected) => {
    expect(found(value)).toEqual(expected);
  });

  test.each([
    ["a target", "model:\n  _target_: builtins.eval\n  x: 1\n", ["high target"]],
    ["MLflow's own loader", "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n", []],
    [
      "a loader of the author's",
      "flavors:\n  python_function:\n    loader_module: evil\n    code: code\n",
      ["high target"],
    ],
    ["a tag that builds objects", "a: !!python/object/apply:os.system [id]\n", ["critical target"]],
  ])("in YAML: %s", (_, text, expected) => {
    expect(examineYaml(text, unmetered).concerns.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(expected);
  });
});

test("YAML that cannot be read plainly is a gap; YAML about something else is refused", () => {
  expect(examineYaml("a: &x 1\n_target_: *x\n", unmetered).gaps).toHaveLength(1);
  expect(() => examineYaml("a: 1\n", unmetered)).toThrow(/No settings/);
});

test("real settings have nothing to report", () => {
  for (const path of [
    "llm/config.json",
    "llm/generation_config.json",
    "llm/tokenizer_config.json",
    "llm/tokenizer.json",
  ]) {
    const bytes = referenceModel(path);
    if (!bytes) return;
    const { root } = parseJson(bytesSource(bytes), unmetered);
    expect(examineSettings(root, unmetered), path).toEqual({ concerns: [], gaps: [] });
  }
  const config = referenceModel("llm/config.json");
  if (config) expect(isModelSettings(parseJson(bytesSource(config), unmetered).root)).toBe(true);
});

test("any YAML ends in an answer", () => {
  const pieces = fc.constantFrom(
    "_target_",
    ": ",
    "\n",
    "  ",
    "- ",
    "os.system",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!!python/x",
    '"',
    "#",
    "|",
    "---\n",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      try {
        examineYaml(`_target_: a\n${parts.join("")}`, unmetered);
      } catch (error) {
        if (!isCastellanError(error, "MALFORMED", "LIMIT")) throw error;
      }
    }),
  );
});
