import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";

/** A LightGBM text model. */
export interface LightgbmModel {
  readonly trees: number;
  readonly gaps: readonly Gap[];
}

const head = new Set(
  `version num_class num_tree_per_iteration label_index max_feature_idx objective average_output feature_names monotone_constraints
  feature_infos tree_sizes`.split(/\s+/),
);
const tree = new Set(
  `Tree num_leaves num_cat split_feature split_gain threshold decision_type left_child right_child leaf_value leaf_weight leaf_count
  internal_value internal_weight internal_count is_linear shrinkage cat_boundaries cat_threshold leaf_const num_features leaf_features
  leaf_coeff linear`.split(/\s+/),
);
const numbers = /^[-+\d.eE\sinfaINFA]*$/;
const longestLine = 64 * 1024 * 1024;

/**
 * Reads a LightGBM text model line by line: every line must be one LightGBM writes, and trees must be numbers.
 * Source: LightGBM's gbdt_model_text.cpp (version v2 to v4). @throws MALFORMED when the first line is not "tree"
 */
export function parseLightgbm(source: ByteSource, meter: Meter): LightgbmModel {
  const gaps: Gap[] = [];
  let part: "head" | "tree" | "rest" | "importances" | "parameters" | "pandas" = "head";
  let trees = 0;
  let index = 0;
  for (const { text, offset } of lines(source, meter)) {
    const line = text.replace(/\r$/, "");
    if (index++ === 0) {
      if (line !== "tree") fail("MALFORMED", "Not a LightGBM model");
      continue;
    }
    const gap = (why: string): void => {
      if (gaps.length < 20) gaps.push({ why: `${why}: ${JSON.stringify(line.slice(0, 80))}`, offset });
    };
    if (line === "" || line === "average_output" || line === "end of parameters") continue;
    if (line === "end of trees") part = "rest";
    else if (/^feature[_ ]importances:$/.test(line)) part = "importances";
    else if (line === "parameters:") part = "parameters";
    else if (line.startsWith("pandas_categorical:")) part = "pandas";
    else if (part === "parameters") {
      if (!/^\[[\w.]+: [^\]]*\]$/.test(line)) gap("a line of the parameters is none");
    } else if (part === "importances") {
      if (!/^[^=]+=[\d.]+$/.test(line)) gap("a line of the importances is none");
    } else {
      const cut = line.indexOf("=");
      const key = line.slice(0, cut);
      if (key === "Tree") {
        part = "tree";
        trees++;
      }
      const known = part === "head" ? head.has(key) : part === "tree" && tree.has(key);
      if (cut < 0 || !known) gap("a line is none that LightGBM writes");
      else if (part === "tree" && !numbers.test(line.slice(cut + 1))) gap("a tree holds what is no number");
    }
  }
  return { trees, gaps };
}

function* lines(source: ByteSource, meter: Meter): Generator<{ text: string; offset: number }, void, void> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (let at = 0; at < source.size; at += 1 << 20) {
    meter.tick();
    rest = Buffer.concat([rest, source.read(at, 1 << 20)]);
    if (rest.length > longestLine) fail("LIMIT", `A line is longer than ${longestLine} bytes`);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield { text: rest.toString("utf8", from, end), offset: offset + from };
      from = end + 1;
    }
    rest = rest.subarray(from);
    offset += from;
  }
  if (rest.length > 0) yield { text: rest.toString("utf8"), offset };
}
