import type { KeyObject } from "node:crypto";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { effectOf } from "../../registry/effect.ts";
import { aliasTopic, saltedDigest } from "../../registry/leaf.ts";
import { ownStatement } from "../../registry/own-statement.ts";
import type { AliasRow, Repository } from "../../store/repository.ts";
import type { LogIndex } from "../admission/log-index.ts";
import { placeOnLog } from "../admission/verified.ts";

/**
 * Why an alias as the store has it cannot be believed, or undefined when it can: the registry signed exactly this setting,
 * the log holds that statement, and holds no later one about the alias. `log` must be fresh.
 *
 * A change under way stands on the log a moment before the store applies it: a later leaf whose statement the store has as
 * pending is no doubt, because that change is not acknowledged yet.
 */
export async function doubtAbout(
  repository: Repository,
  ownKeys: readonly KeyObject[],
  log: LogIndex,
  row: AliasRow,
): Promise<string | undefined> {
  try {
    const statement = await repository.statement(row.statement);
    if (!statement) return "the statement that set it is missing from the store";
    const effect = effectOf(ownStatement({ ownKeys }, statement), statement.digest);
    // An erasure that takes only the canary away sets the alias too.
    const settings =
      effect.does === "set-alias"
        ? [effect.row]
        : effect.does === "end-version"
          ? effect.withdraws.filter(({ removes }) => !removes).map(({ row }) => row)
          : [];
    if (!settings.some((setting) => sameSetting(setting, row))) return "the signed statement sets it differently";
    const index = placeOnLog(statement, log) ?? fail("INTEGRITY", "the log does not hold the statement that set it");
    const topic = log.about(aliasTopic(row.tenant, row.name, row.alias));
    let later = topic.find((leaf) => leaf.index > index);
    if (later) {
      const pending = await repository.pendingStatements();
      const underWay = new Set(pending.map(({ salt, envelope }) => saltedDigest(salt, envelope)));
      later = topic.find((leaf) => leaf.index > index && !underWay.has(leaf.digest));
    }
    return later && `the log holds a later ${later.kind} of it, at index ${later.index}, which the store does not show`;
  } catch (error) {
    if (isCastellanError(error)) return error.message;
    throw error;
  }
}

function sameSetting(a: AliasRow, b: AliasRow): boolean {
  return (
    a.tenant === b.tenant &&
    a.name === b.name &&
    a.alias === b.alias &&
    a.digest === b.digest &&
    a.canary === b.canary &&
    a.canaryWeight === b.canaryWeight &&
    a.sequence === b.sequence
  );
}
