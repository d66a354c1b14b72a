import type { Digest } from "../../kit/digest.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { Registry } from "../../registry/registry.ts";
import type { VersionRow } from "../../store/repository.ts";

const maxAncestors = 10_000;

/** What a version was made from, as far as it is registered. */
export interface Ancestry {
  readonly ancestors: readonly VersionRow[];
  readonly unresolved: readonly Digest[];
}

/**
 * Every version `version` was made from, directly or not, each once, nearest first, as the signed registrations have them: an
 * edited row of the store cuts no one off from its ancestors.
 * @throws INTEGRITY when the store was changed · LIMIT beyond 10,000
 */
export async function ancestryOf(registry: Pick<Registry, "version">, version: VersionRow): Promise<Ancestry> {
  const ancestors = new Map<Digest, VersionRow>();
  const unresolved = new Set<Digest>();
  const open = version.inputs.map((input) => input.digest);
  for (let digest = open.shift(); digest !== undefined; digest = open.shift()) {
    if (ancestors.has(digest) || unresolved.has(digest) || digest === version.digest) continue;
    if (ancestors.size >= maxAncestors)
      fail("LIMIT", `More than ${maxAncestors} versions stand behind ${version.name}`);
    const row = await registered(registry, version.tenant, digest);
    if (!row) unresolved.add(digest);
    else {
      ancestors.set(digest, row);
      open.push(...row.inputs.map((input) => input.digest));
    }
  }
  return { ancestors: [...ancestors.values()], unresolved: [...unresolved] };
}

async function registered(
  registry: Pick<Registry, "version">,
  tenant: string,
  digest: Digest,
): Promise<VersionRow | undefined> {
  try {
    return await registry.version(tenant, digest);
  } catch (error) {
    if (isCastellanError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}
