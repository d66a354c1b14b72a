import type { Actor } from "../identity/actor.ts";
import { type Digest, hexOfDigest } from "../kit/digest.ts";
import type { StatementRow, VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { readsSubject } from "./leaf.ts";
import { asJson, type FeatureReadPredicate, recordTypes } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";

/**
 * Puts on record that `actor` is given the bytes of a feature table: a signed statement with a leaf on the log, before the first
 * byte leaves. Without the record there are no bytes. One record per opening, not per file or row.
 */
export async function recordFeatureRead(context: Context, version: VersionRow, actor: Actor): Promise<void> {
  await inSession(context, async (session) => {
    const predicate: FeatureReadPredicate = {
      tenant: version.tenant,
      name: version.name,
      version: version.digest,
      by: actor.name,
      byTenant: actor.tenant,
      at: session.at,
    };
    await record(context, session, {
      tenant: version.tenant,
      predicateType: recordTypes.featureRead,
      predicate: asJson(predicate),
      subjects: [{ name: version.name, digest: { sha256: hexOfDigest(version.digest) } }],
      // Apart from the statements about the version: every check of the version goes through those, and reads may be many.
      about: [readsSubject(version.tenant, version.digest)],
      topic: version.topic,
    });
  });
}

/** Who was given a feature table, in the order of the log. */
export function featureReads(context: Context, tenant: string, version: Digest): Promise<readonly StatementRow[]> {
  return context.repository.statementsAbout(tenant, readsSubject(tenant, version));
}
