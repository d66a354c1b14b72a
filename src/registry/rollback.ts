import type { Digest } from "../kit/digest.ts";
import { asDigest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { jsonObject, jsonString } from "../kit/json.ts";
import type { AliasHistoryRow, AliasRow } from "../store/repository.ts";
import { recordAlias } from "./alias-draft.ts";
import type { Context } from "./context.ts";
import { ownStatement } from "./own-statement.ts";
import { inSession } from "./session.ts";
import { trustedVersion } from "./trusted-version.ts";

/** Which alias goes back. */
export interface Rollback {
  readonly tenant: string;
  readonly name: string;
  readonly alias: string;
}

/**
 * Points an alias back to its last known-good version: the most recent earlier setting whose version is neither revoked nor
 * erased nor made from such. Going back twice goes back two settings; ending a canary is going back one. Asks no gate: the
 * version was admitted once, and serving asks again.
 * @throws NOT_FOUND when there is no earlier good version
 */
export async function rollback(context: Context, { tenant, name, alias }: Rollback): Promise<AliasRow> {
  return inSession(context, async (session) => {
    const history = (await context.repository.aliasHistory(tenant, name))
      .filter((row) => row.alias === alias)
      .sort((a, b) => a.sequence - b.sequence);
    const now = await context.repository.alias(tenant, name, alias);
    for (const digest of earlierSettings(history, now)) {
      const row = await trustedVersion(context, tenant, digest);
      if (row.state !== "live" || row.flaggedBy !== undefined) continue;
      const verdict = await verdictOf(context, history, digest);
      const change = { tenant, name, alias, from: now?.digest, to: digest, canaryWeight: 0, verdict };
      return recordAlias(context, session, "rollback", change);
    }
    return fail("NOT_FOUND", {
      message: `"${alias}" of ${name} has no earlier version that is still good`,
      next: "Promote a version the gate passes, or use the kill switch.",
    });
  });
}

/**
 * The versions an alias can go back to, most recent first: its settings as a stack on which promotions push and from which going
 * back pops. What was rolled back from is not known to be good, so it does not come again.
 */
export function earlierSettings(history: readonly AliasHistoryRow[], now: AliasRow | undefined): readonly Digest[] {
  const stack: { readonly digest: Digest; readonly canary: boolean }[] = [];
  for (const { action, digest, canary } of history) {
    if (action !== "promote") {
      while (stack.length > 0 && !(stack.at(-1)!.digest === digest && !stack.at(-1)!.canary)) stack.pop();
      if (stack.length > 0) continue;
    }
    stack.push({ digest, canary: canary !== undefined });
  }
  // A canary is undone by its main version alone; everything else needs another version.
  const goesBack = ({ digest }: { readonly digest: Digest }) => now?.canary !== undefined || digest !== now?.digest;
  return [...new Set(stack.filter(goesBack).map(({ digest }) => digest))].reverse();
}

/** The verdict on which a version was last admitted as an alias's main version. */
async function verdictOf(context: Context, history: readonly AliasHistoryRow[], digest: Digest): Promise<Digest> {
  const admitted = history.findLast(
    (row) => row.digest === digest && row.canary === undefined && row.action !== "withdraw",
  );
  const row = admitted && (await context.repository.statement(admitted.statement));
  if (!row) return fail("INTEGRITY", { message: "The statement that set this version is missing", where: digest });
  const predicate = jsonObject(ownStatement(context, row).predicate, "The promotion");
  return asDigest(jsonString(predicate["verdict"], "The promotion's verdict"));
}
