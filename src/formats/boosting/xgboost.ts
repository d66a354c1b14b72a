import type { JsonNode } from "../model-config/json-node.ts";
import { textsOf, valuesOf } from "../model-config/json-node.ts";
import type { Gap } from "../reading/gap.ts";

/** An XGBoost model in JSON. */
export interface XgboostModel {
  readonly booster: string;
  readonly gaps: readonly Gap[];
}

const top = new Set(["learner", "version", "config", "Config"]);
const learner = new Set(
  "attributes feature_names feature_types gradient_booster learner_model_param learner_train_param objective metrics generic_param cats".split(
    " ",
  ),
);
const boosters = new Set(["gbtree", "gblinear", "dart"]);

/** True when the tree has the two members every XGBoost model has. */
export function isXgboostModel(root: JsonNode): boolean {
  return valuesOf(root, "learner").length > 0 && valuesOf(root, "version").length > 0;
}

/** XGBoost models are numbers under fixed names; other names at the top are told. Source: XGBoost's doc/model.schema. */
export function examineXgboost(root: JsonNode): XgboostModel {
  const gaps: Gap[] = [];
  const known = (node: JsonNode, names: ReadonlySet<string>): void => {
    if (node.kind !== "object") return;
    for (const { key, offset } of node.members) {
      if (!names.has(key) && gaps.length < 20)
        gaps.push({ why: `${JSON.stringify(key.slice(0, 80))} is no part of an XGBoost model`, offset });
    }
  };
  known(root, top);
  let booster = "";
  for (const part of valuesOf(root, "learner")) {
    known(part, learner);
    for (const found of valuesOf(part, "gradient_booster")) booster = textsOf(found, "name")[0] ?? "";
  }
  if (!boosters.has(booster))
    gaps.push({ why: `the booster ${JSON.stringify(booster.slice(0, 80))} is not known`, offset: root.offset });
  return { booster, gaps };
}
