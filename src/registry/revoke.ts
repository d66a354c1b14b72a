import { type Digest, hexOfDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { asJson, type RevocationPredicate, stateTypes } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";
import { checkReason } from "./terms.ts";
import { nameOf, trustedVersion } from "./trusted-version.ts";
import { descendants } from "./walk.ts";

/** Which version shall not be used any more, and why. */
export interface Ending {
  readonly tenant: string;
  readonly version: Digest;
  readonly why: string;
}

/** What ending a version led to. */
export interface Ended {
  readonly statement: StatementRow;
  /** Every version derived from it, directly or not: flagged, and served no more. */
  readonly affected: readonly Digest[];
}

/**
 * Revokes a version: it is not opened, promoted or served again, and neither is anything derived from it. An alias that points to
 * it stays where it is and serves nothing; `rollback` finds the last good version.
 * @throws NOT_FOUND · CONFLICT when it is revoked or erased already
 */
export async function revoke(context: Context, { tenant, version, why }: Ending): Promise<Ended> {
  const reason = checkReason(why);
  return inSession(context, async (session) => {
    const row = await trustedVersion(context, tenant, version);
    if (row.state !== "live")
      fail("CONFLICT", { message: `${nameOf(row)} is ${row.state} already`, where: row.endedBy });
    const affected = (await descendants(context, tenant, version)).map(({ digest }) => digest);
    const predicate: RevocationPredicate = {
      tenant,
      name: row.name,
      version,
      why: reason,
      revokedAt: session.at,
      affected,
    };
    const statement = await record(context, session, {
      tenant,
      predicateType: stateTypes.revocation,
      predicate: asJson(predicate),
      subjects: [{ name: row.name, digest: { sha256: hexOfDigest(version) } }],
      about: [version],
      topic: row.topic,
    });
    return { statement, affected };
  });
}
