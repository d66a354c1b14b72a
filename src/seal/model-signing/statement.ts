import { createHash } from "node:crypto";
import type { Statement } from "../../core/statement.ts";
import { fail } from "../../kit/errors.ts";
import { makeStatement } from "../in-toto.ts";
import type { Manifest, Resource } from "./format.ts";
import { alwaysExcluded, modelPredicateType } from "./format.ts";
import { compareNames } from "./names.ts";

/** SHA-256 over the resources' raw digests in the order given, hexadecimal (specification §6.5.1). */
export function rootDigest(resources: readonly Resource[]): string {
  const state = createHash("sha256");
  for (const { digest } of resources) state.update(digest, "hex");
  return state.digest("hex");
}

/**
 * The in-toto statement of a manifest: resources sorted by code points, root digest as the one subject, exclusions
 * recorded. Nothing is added to what the specification lists.
 * @throws MALFORMED when there is no resource or a name twice
 */
export function modelStatement(manifest: Manifest): Statement {
  const { serialization, modelName } = manifest;
  const resources = [...manifest.resources].sort((a, b) => compareNames(a.name, b.name));
  if (resources.length === 0) fail("MALFORMED", "the model is empty: there is nothing to sign");
  for (const [i, { name }] of resources.entries()) {
    if (i > 0 && resources[i - 1]!.name === name) fail("MALFORMED", `the model lists ${name} twice`);
  }
  const ignored = [...new Set([...alwaysExcluded, ...serialization.ignorePaths])].sort(compareNames);
  return makeStatement(
    modelPredicateType,
    {
      resources: resources.map(({ name, digest }) => ({ name, digest, algorithm: serialization.hashType })),
      serialization: {
        method: serialization.method,
        hash_type: serialization.hashType,
        shard_size: serialization.shardSize,
        allow_symlinks: serialization.allowSymlinks,
        ignore_paths: ignored,
      },
    },
    [{ name: modelName, digest: { sha256: rootDigest(resources) } }],
  );
}
