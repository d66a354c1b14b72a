import { hexOfDigest } from "../kit/digest.ts";
import type { AliasRow } from "../store/repository.ts";
import { fail } from "../kit/errors.ts";
import type { Context } from "./context.ts";
import { aliasTopic } from "./leaf.ts";
import { type AliasPredicate, asJson, stateTypes } from "./predicates.ts";
import { record } from "./record.ts";
import type { Session } from "./session.ts";

/** Records that an alias points elsewhere from now on, and returns how it stands then. */
export async function recordAlias(
  context: Context,
  session: Session,
  action: "promotion" | "rollback",
  change: Omit<AliasPredicate, "sequence" | "at">,
): Promise<AliasRow> {
  const { tenant, name, alias, to, canary } = change;
  const predicate: AliasPredicate = {
    ...change,
    sequence: await nextSequence(context, tenant, name, alias),
    at: session.at,
  };
  await record(context, session, {
    tenant,
    predicateType: stateTypes[action],
    predicate: asJson(predicate),
    subjects: [canary ?? to].map((digest) => ({ name, digest: { sha256: hexOfDigest(digest) } })),
    about: canary ? [canary, to] : [to],
    topic: aliasTopic(tenant, name, alias),
  });
  return (await context.repository.alias(tenant, name, alias)) ?? fail("INTERNAL", `The alias ${alias} was not set`);
}

/** The number the next change of an alias gets: one more than the last, withdrawals included. */
export async function nextSequence(context: Context, tenant: string, name: string, alias: string): Promise<number> {
  let last = 0;
  for (const row of await context.repository.aliasHistory(tenant, name))
    if (row.alias === alias) last = Math.max(last, row.sequence);
  return last + 1;
}
