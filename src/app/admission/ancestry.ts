import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import type { Repository, VersionRow } from "../../store/repository.ts";

const maxAncestors = 10_000;

/** What a version was made from, as far as it is registered. */
export interface Ancestry {
  readonly ancestors: readonly VersionRow[];
  readonly unresolved: readonly Digest[];
}

/** Every version `version` was made from, directly or not, each once, nearest first. @throws LIMIT beyond 10,000 */
export async function ancestryOf(repository: Repository, version: VersionRow): Promise<Ancestry> {
  const ancestors = new Map<Digest, VersionRow>();
  const unresolved = new Set<Digest>();
  const open = version.inputs.map((input) => input.digest);
  for (let digest = open.shift(); digest !== undefined; digest = open.shift()) {
    if (ancestors.has(digest) || unresolved.has(digest) || digest === version.digest) continue;
    if (ancestors.size >= maxAncestors)
      fail("LIMIT", `More than ${maxAncestors} versions stand behind ${version.name}`);
    const row = await repository.version(version.tenant, digest);
    if (!row) unresolved.add(digest);
    else {
      ancestors.set(digest, row);
      open.push(...row.inputs.map((input) => input.digest));
    }
  }
  return { ancestors: [...ancestors.values()], unresolved: [...unresolved] };
}
