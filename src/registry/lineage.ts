import type { AssetKind } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { trustedVersion } from "./trusted-version.ts";

/** A version in a lineage. */
export interface LineageNode {
  readonly digest: Digest;
  readonly tenant: string;
  readonly name: string;
  readonly kind: AssetKind;
  readonly state: VersionRow["state"];
  /** A revoked or erased ancestor. */
  readonly flaggedBy?: Digest | undefined;
  readonly registeredAt: string;
  readonly licence?: string | undefined;
  readonly origin?: string | undefined;
  /** Where it stands seen from the version asked for: that itself, something it was made from, or made from it. */
  readonly relation: "self" | "ancestor" | "descendant";
  /** Steps from the version asked for. */
  readonly distance: number;
}

/** `from` was an input of `to`. */
export interface LineageEdge {
  readonly from: Digest;
  readonly to: Digest;
  readonly role: string;
}

/** Everything a version was made from, and everything made from it. */
export interface Lineage {
  readonly root: Digest;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  /** True when the bound on nodes was hit: there is more than is shown. */
  readonly truncated: boolean;
}

/** Most nodes a lineage shows unless told otherwise. */
export const lineageLimit = 10_000;

/**
 * The lineage of a version in both directions, breadth first: ancestors by the inputs their signed registrations name, descendants
 * by the registrations that name them. Every node is checked like on a read.
 * @throws NOT_FOUND · INTEGRITY
 */
export async function lineage(
  context: Context,
  tenant: string,
  digest: Digest,
  limit: number = lineageLimit,
): Promise<Lineage> {
  const root = await trustedVersion(context, tenant, digest);
  const walk = new Walk(limit);
  walk.add(root, "self", 0);
  for (const direction of ["ancestor", "descendant"] as const) {
    const queue: { readonly row: VersionRow; readonly distance: number }[] = [{ row: root, distance: 0 }];
    for (let next = 0; next < queue.length; next++) {
      const { row, distance } = queue[next]!;
      for (const digest of await neighbours(context, row, direction)) {
        if (walk.has(digest)) continue;
        const neighbour = await trustedVersion(context, tenant, digest);
        if (!walk.add(neighbour, direction, distance + 1)) break;
        queue.push({ row: neighbour, distance: distance + 1 });
      }
    }
  }
  return walk.result(root.digest);
}

async function neighbours(
  context: Context,
  row: VersionRow,
  direction: "ancestor" | "descendant",
): Promise<readonly Digest[]> {
  if (direction === "ancestor") return row.inputs.map(({ digest }) => digest);
  return (await context.repository.derivedFrom(row.tenant, row.digest)).map(({ digest }) => digest);
}

/** What was found so far. */
class Walk {
  readonly #limit: number;
  readonly #rows = new Map<Digest, VersionRow>();
  readonly #nodes: LineageNode[] = [];
  #truncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(digest: Digest): boolean {
    return this.#rows.has(digest);
  }

  /** False when there is no room for another node. */
  add(row: VersionRow, relation: LineageNode["relation"], distance: number): boolean {
    if (this.#nodes.length >= this.#limit) {
      this.#truncated = true;
      return false;
    }
    this.#rows.set(row.digest, row);
    const { digest, tenant, name, kind, state, flaggedBy, registeredAt, licence, origin } = row;
    this.#nodes.push({
      digest,
      tenant,
      name,
      kind,
      state,
      flaggedBy,
      registeredAt,
      licence,
      origin,
      relation,
      distance,
    });
    return true;
  }

  result(root: Digest): Lineage {
    const edges: LineageEdge[] = [];
    for (const to of this.#rows.values())
      for (const { digest, role } of to.inputs)
        if (this.#rows.has(digest)) edges.push({ from: digest, to: to.digest, role });
    return { root, nodes: this.#nodes, edges, truncated: this.#truncated };
  }
}
