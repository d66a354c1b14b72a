import { fail } from "../../kit/errors.ts";
import type { ModelSettings } from "../../formats/model-config/settings.ts";
import { reader } from "../reader.ts";

declare module "../asset-kinds.ts" {
  interface AssetStructures {
    "model-settings-yaml": ModelSettings;
  }
}

const longest = 4 * 1024 * 1024;
const searched = 64 * 1024;
const telling =
  /_target_|_component_|trust_remote_code|loader_module|custom_objects|auto_map|model_type|!!python\/|tag:yaml\.org,2002:python/;

/** YAML settings of models: Hydra, NeMo's model_config.yaml, MLflow's MLmodel. */
export default reader({
  kind: "model-settings-yaml",
  title: "Model settings (YAML)",
  family: "other",
  extensions: [".yaml", ".yml"],
  recognise({ head, source, name }) {
    if (head.includes(0) || /^\s*[{[]/.test(Buffer.from(head.subarray(0, 200)).toString("latin1"))) return "no";
    const named = /\.ya?ml$/i.test(name) || name === "MLmodel";
    const text = Buffer.from(named ? source.read(0, searched) : head).toString("latin1");
    if (telling.test(text) && /^[ \t-]*["']?[\w$.-]+["']?[ \t]*:/m.test(text)) return named ? "likely" : "possible";
    return named && source.size > searched ? "possible" : "no";
  },
  comments: ["#"],
  load: () => import("../../formats/model-config/yaml-settings.ts"),
  read({ source }, budget, { examineYaml }) {
    if (source.size > longest) fail("LIMIT", `Settings of ${source.size} bytes are not read; the bound is ${longest}`);
    budget.hold(source.size * 4);
    const structure = examineYaml(Buffer.from(source.read(0, source.size)).toString("utf8"), budget);
    return { structure, incomplete: structure.gaps };
  },
});
