import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";

/** Most versions one walk visits. */
export const maxWalk = 100_000;

/**
 * Every version derived from `digest`, directly or not, nearest first; each once, whatever the store says about who derives from
 * whom. @throws LIMIT for more than 100,000
 */
export async function descendants(context: Context, tenant: string, digest: Digest): Promise<readonly VersionRow[]> {
  const found = new Map<Digest, VersionRow>();
  const queue: Digest[] = [digest];
  for (let next = 0; next < queue.length; next++) {
    for (const row of await context.repository.derivedFrom(tenant, queue[next]!)) {
      if (row.digest === digest || found.has(row.digest)) continue;
      if (found.size >= maxWalk) fail("LIMIT", `More than ${maxWalk} versions descend from ${digest}`);
      found.set(row.digest, row);
      queue.push(row.digest);
    }
  }
  return [...found.values()];
}
