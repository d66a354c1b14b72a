import type { Repository, StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { applyEffect, type Effect, effectOf } from "./effect.ts";
import { facts } from "./facts.ts";
import { ownStatement } from "./own-statement.ts";
import { changesState } from "./predicates.ts";

/**
 * The last step of recording: applies the effect of a statement whose leaf stands on the log at `index`, and marks it as logged.
 * Safe to repeat until it has returned once.
 * @throws INTEGRITY when a statement that changes state is not the registry's own
 */
export async function settle(context: Context, row: StatementRow, index: number): Promise<StatementRow> {
  const effect: Effect = changesState(row.predicateType)
    ? effectOf(ownStatement(context, row), row.digest)
    : { does: "nothing" };
  // Before the transaction: as long as the statement is pending a repetition still knows which bytes have to go.
  if (effect.does === "end-version" && effect.state === "erased")
    for (const object of await context.repository.objects(effect.tenant, effect.version))
      await context.blobs.delete(object.blobKey);
  await context.repository.transaction(async (tx) => {
    await tx.markLogged(row.digest, index);
    await applyEffect(tx, effect);
    await tx.setFact(facts.logNext, String(index + 1));
  });
  return { ...row, state: "logged", logIndex: index };
}

/** The first log index that no settled statement has: leaves of pending ones cannot stand before it. */
export async function firstUnsettled(repository: Repository): Promise<number> {
  const next = Number(await repository.fact(facts.logNext));
  return Number.isSafeInteger(next) && next > 0 ? next : 0;
}
