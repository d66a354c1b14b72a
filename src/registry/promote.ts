import { asName } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { AliasRow, VersionRow } from "../store/repository.ts";
import { recordAlias } from "./alias-draft.ts";
import type { Context } from "./context.ts";
import { inSession } from "./session.ts";
import { liveVersion, nameOf } from "./trusted-version.ts";
import { checkVerdict } from "./verdict-on-record.ts";

/** Which version an alias shall point to, and why it may. */
export interface Promotion {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
  readonly version: Digest;
  /** Digest of the gate-verdict statement on record that passes this version for this alias. */
  readonly verdict: Digest;
  /** 1 to 99: the version gets this percentage of the requests, the version the alias has now gets the others. */
  readonly canary?: number | undefined;
}

/**
 * Points an alias to a version the gate has passed, wholly or as a canary.
 * @throws NOT_FOUND · REVOKED, also when an ancestor was · ERASED · POLICY, EXPIRED, SIGNATURE for the verdict · USAGE for a canary
 *   without a version to stand beside
 */
export async function promote(context: Context, promotion: Promotion): Promise<AliasRow> {
  const { tenant, name, alias, version, verdict, canary: weight } = promotion;
  asName(alias, "The alias");
  if (weight !== undefined && (!Number.isSafeInteger(weight) || weight < 1 || weight > 99))
    fail("USAGE", "A canary gets 1 to 99 percent of the requests");
  return inSession(context, async (session) => {
    const row = await servable(context, tenant, version);
    if (row.name !== name) fail("NOT_FOUND", { message: `"${name}" has no version ${version}`, where: nameOf(row) });
    await checkVerdict(context, verdict, { tenant, name, alias, version }, session.time);
    const now = await context.repository.alias(tenant, name, alias);
    const base = { tenant, name, alias, from: now?.digest, verdict };
    if (weight === undefined)
      return recordAlias(context, session, "promotion", { ...base, to: version, canaryWeight: 0 });
    if (!now)
      return fail("USAGE", `"${alias}" of ${name} points nowhere yet: there is nothing a canary could stand beside`);
    if (now.digest === version) fail("USAGE", `"${alias}" of ${name} points to this version already`);
    await servable(context, tenant, now.digest);
    return recordAlias(context, session, "promotion", {
      ...base,
      to: now.digest,
      canary: version,
      canaryWeight: weight,
    });
  });
}

/** A version that is live and descends from nothing that is not. @throws REVOKED · ERASED · NOT_FOUND · INTEGRITY */
export async function servable(context: Context, tenant: string, digest: Digest): Promise<VersionRow> {
  const row = await liveVersion(context, tenant, digest);
  if (row.flaggedBy !== undefined)
    fail("REVOKED", {
      message: `${nameOf(row)} was made from ${row.flaggedBy}, which is revoked or erased`,
      where: row.flaggedBy,
    });
  return row;
}
