import { shortNameOf } from "../core/statement.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { AliasHistoryRow, AliasRow, StatementRow, VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";

/** One thing that happened to an asset. */
export interface HistoryEvent {
  /** Short name of the statement's type: "registration", "promotion", "model-signature" … */
  readonly what: string;
  readonly at: string;
  readonly statement: Digest;
  readonly logIndex?: number | undefined;
  /** Digests of the asset's versions it is about. */
  readonly versions: readonly Digest[];
  /** For promotions, rollbacks and withdrawals. */
  readonly alias?: string | undefined;
}

/** Everything on record about an asset. */
export interface History {
  readonly tenant: string;
  readonly name: string;
  /** In the order they were registered. */
  readonly versions: readonly VersionRow[];
  readonly aliases: readonly AliasRow[];
  /** Every setting every alias ever had, oldest first. */
  readonly aliasHistory: readonly AliasHistoryRow[];
  /** In the order of the log. */
  readonly events: readonly HistoryEvent[];
}

/** The history of an asset. @throws NOT_FOUND when the tenant has nothing of that name */
export async function history(context: Context, tenant: string, name: string): Promise<History> {
  const { repository } = context;
  const versions = await repository.versionsNamed(tenant, name);
  if (versions.length === 0) fail("NOT_FOUND", `There is no "${name.slice(0, 80)}" in tenant "${tenant.slice(0, 80)}"`);
  const aliasHistory = await repository.aliasHistory(tenant, name);
  const aliases = (await repository.aliases(tenant)).filter((row) => row.name === name);
  const own = new Set(versions.map(({ digest }) => digest));
  const aliasOf = new Map(aliasHistory.map((row) => [row.statement, row.alias]));
  const statements = new Map<Digest, StatementRow>();
  for (const { digest } of versions)
    for (const row of await repository.statementsAbout(tenant, digest)) statements.set(row.digest, row);
  const events = [...statements.values()]
    .sort((a, b) => (a.logIndex ?? Number.POSITIVE_INFINITY) - (b.logIndex ?? Number.POSITIVE_INFINITY))
    .map((row) => ({
      what: shortNameOf(row.predicateType),
      at: row.recordedAt,
      statement: row.digest,
      logIndex: row.logIndex,
      versions: row.subjects.filter((subject) => own.has(subject)),
      alias: aliasOf.get(row.digest),
    }));
  return { tenant, name, versions, aliases, aliasHistory, events };
}
