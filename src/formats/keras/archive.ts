import type { Gap } from "../reading/gap.ts";

/** What a Keras 3 archive holds, by the names Keras asks for. */
export interface KerasArchive {
  /** Members that are no part of what Keras writes; they are examined like any file. */
  readonly others: readonly string[];
  readonly gaps: readonly Gap[];
}

const own =
  /^(?:config\.json|metadata\.json|model\.weights\.(?:h5|npz)|model\.weights\.json|model_\d{5}\.weights\.h5|assets\/.*|vars\.npz|_layer_checkpoint_dependencies\/.*)$/;

/** Has the archive the configuration Keras begins with? */
export function isKerasArchive(names: readonly string[]): boolean {
  return (
    names.includes("config.json") && names.some((name) => name === "metadata.json" || name.startsWith("model.weights."))
  );
}

/** The archive as Keras sees it. Source: keras/src/saving/saving_lib.py (the archive's layout). */
export function readKerasArchive(names: readonly string[]): KerasArchive {
  const others = names.filter((name) => !own.test(name) && !name.endsWith("/"));
  const gaps = names.includes("metadata.json") ? [] : [{ why: "the Keras archive has no metadata.json" }];
  return { others, gaps };
}
