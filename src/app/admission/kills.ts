import { fail } from "../../kit/errors.ts";
import { shortNameOf } from "../../core/statement.ts";
import { saltedDigest } from "../../registry/leaf.ts";
import { stateTypes } from "../../registry/predicates.ts";
import type { StatementRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";
import type { LogIndex } from "./log-index.ts";

/**
 * The envelopes of the kill switch's present settings, held against the log: of every scope and target the newest setting on the
 * log must be among them. So neither a deleted row nor an older store lifts a kill. One that is on the log while its writer has yet
 * to mark it in the store is in effect already.
 * @throws INTEGRITY when the store does not show a setting the log holds
 */
export async function provenKills(
  { registry, repository }: Pick<Home, "registry" | "repository">,
  log: LogIndex,
): Promise<readonly Uint8Array[]> {
  // In this order: a setting is stored as pending, then appended, then marked; whatever the log shows must turn up below.
  await log.refresh();
  const pending = (await repository.pendingStatements()).filter(isKill);
  const settled = (await registry.kills()).map(({ statement }) => statement);
  const newest = log.newest(shortNameOf(stateTypes.killSwitch));
  const logged = new Set(newest.map(({ digest }) => digest));
  const known = new Map([...pending, ...settled].map((row) => [saltedDigest(row.salt, row.envelope), row] as const));
  const lost = newest.find(({ digest }) => !known.has(digest));
  if (lost) {
    fail("INTEGRITY", {
      message: `the log holds a kill-switch setting at index ${lost.index} that the store has lost or altered`,
      where: `log entry ${lost.index}`,
      next: "Restore the store from its newest backup, or set the switch again with castellan kill or castellan resume.",
    });
  }
  const inEffect = [...known].filter(([digest, { state }]) => state === "logged" || logged.has(digest));
  return inEffect.map(([, { envelope }]) => envelope);
}

const isKill = ({ predicateType }: StatementRow): boolean => predicateType === stateTypes.killSwitch;
