import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { effectOf } from "./effect.ts";
import { versionDigest } from "./manifest.ts";
import { ownStatement } from "./own-statement.ts";
import { stateTypes } from "./predicates.ts";

/** A version as people read it, for error messages. */
export function nameOf(row: Pick<VersionRow, "tenant" | "name" | "digest">): string {
  return `${row.tenant}/${row.name}@${row.digest}`;
}

/**
 * The row of a version, believed only as far as signed statements bear it out: the manifest hashes to the digest, the registry
 * signed exactly this registration, and "live" contradicts no recorded end.
 * @throws NOT_FOUND, the same whether it does not exist or belongs to another tenant · INTEGRITY when the store was changed
 */
export async function trustedVersion(context: Context, tenant: string, digest: Digest): Promise<VersionRow> {
  const row = await context.repository.version(tenant, digest);
  if (!row) return fail("NOT_FOUND", { message: `There is no version ${digest} in tenant "${tenant}"`, where: digest });
  const where = nameOf(row);
  if (row.tenant !== tenant || row.digest !== digest || versionDigest(row.manifest) !== digest)
    fail("INTEGRITY", { message: "The stored manifest is not the one that was registered", where });
  await checkRegistration(context, row, where);
  await checkEnd(context, row, where);
  return row;
}

/**
 * {@link trustedVersion}, fit for use: neither revoked nor erased.
 * @throws REVOKED · ERASED · what {@link trustedVersion} throws
 */
export async function liveVersion(context: Context, tenant: string, digest: Digest): Promise<VersionRow> {
  const row = await trustedVersion(context, tenant, digest);
  if (row.state === "revoked") fail("REVOKED", { message: `${nameOf(row)} was revoked`, where: row.endedBy });
  if (row.state === "erased") fail("ERASED", { message: `${nameOf(row)} was erased`, where: row.endedBy });
  return row;
}

/** What of a version row its registration fixes. */
export function fixedPart(row: VersionRow): string {
  const { state: _state, endedBy: _endedBy, flaggedBy: _flaggedBy, ...fixed } = row;
  return canonicalJson(fixed as unknown as Json);
}

async function checkRegistration(context: Context, row: VersionRow, where: string): Promise<void> {
  const registration = await context.repository.statement(row.statement);
  if (!registration) return fail("INTEGRITY", { message: "The registration of this version is missing", where });
  const effect = effectOf(ownStatement(context, registration), registration.digest);
  if (effect.does !== "add-version" || fixedPart(effect.row) !== fixedPart(row))
    fail("INTEGRITY", { message: "The stored version differs from its signed registration", where });
}

async function checkEnd(context: Context, row: VersionRow, where: string): Promise<void> {
  const ends: { readonly state: string; readonly statement: Digest }[] = [];
  for (const about of await context.repository.statementsAbout(row.tenant, row.digest)) {
    if (about.predicateType !== stateTypes.revocation && about.predicateType !== stateTypes.erasure) continue;
    if (about.state !== "logged") continue;
    const effect = effectOf(ownStatement(context, about), about.digest);
    if (effect.does === "end-version" && effect.version === row.digest)
      ends.push({ state: effect.state, statement: about.digest });
  }
  const recorded = ends.find(({ state }) => state === "erased") ?? ends[0];
  if ((recorded?.state ?? "live") !== row.state)
    fail("INTEGRITY", {
      message: `The store says "${row.state}", the statements on record say "${recorded?.state ?? "live"}"`,
      where,
    });
}
