import { asName, defaultTenant, isName } from "../core/asset.ts";
import { fail } from "../kit/errors.ts";
import type { KillRow, StatementRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { killTopic } from "./leaf.ts";
import { asJson, type KillPredicate, stateTypes } from "./predicates.ts";
import { record } from "./record.ts";
import { inSession } from "./session.ts";
import { checkReason } from "./terms.ts";

/** A setting of the kill switch. */
export interface KillSetting {
  readonly scope: KillRow["scope"];
  /** "" for all, the tenant, or `tenant/name`. */
  readonly target: string;
  readonly killed: boolean;
  readonly why: string;
}

/** A setting that was made. */
export interface KillResult {
  readonly row: KillRow;
  readonly statement: StatementRow;
  /** False when there is no such tenant or model (yet): the switch is set all the same. */
  readonly known: boolean;
}

/**
 * Sets or lifts a kill switch. Each setting has a higher epoch than every one before it, so that an old state cannot pass for the
 * present one. A kill is never refused for an unknown target: a model registered later under that name is killed from the start.
 * @throws USAGE for a target that cannot be one
 */
export async function setKill(context: Context, { scope, target, killed, why }: KillSetting): Promise<KillResult> {
  const [tenant, name] = split(scope, target);
  const reason = checkReason(why);
  return inSession(context, async (session) => {
    const { repository } = context;
    const tenantExists = (await repository.tenants()).includes(tenant);
    const epoch = 1 + Math.max(0, ...(await repository.kills()).map((row) => row.epoch));
    const predicate: KillPredicate = { epoch, scope, target, killed, why: reason, at: session.at };
    const topic = killTopic(scope, target);
    const statement = await record(context, session, {
      tenant: tenantExists ? tenant : defaultTenant,
      predicateType: stateTypes.killSwitch,
      predicate: asJson(predicate),
      subjects: [{ name: target === "" ? scope : `${scope}/${target}`, digest: { sha256: topic } }],
      about: [`sha256:${topic}`],
      topic,
    });
    const row = (await repository.kills()).find((kill) => kill.scope === scope && kill.target === target);
    const known = tenantExists && (name === undefined || (await repository.versionsNamed(tenant, name)).length > 0);
    return { row: row ?? fail("INTERNAL", "The kill switch was not set"), statement, known };
  });
}

/** The present settings, each with the signed statement that made it. */
export async function kills(context: Context): Promise<readonly Omit<KillResult, "known">[]> {
  const settings: Omit<KillResult, "known">[] = [];
  for (const row of await context.repository.kills()) {
    const statement = await context.repository.statement(row.statement);
    if (!statement)
      return fail("INTEGRITY", { message: "The statement behind a kill switch is missing", where: row.statement });
    settings.push({ row, statement });
  }
  return settings;
}

/** Whose statement it is, and which model it is about. */
function split(scope: KillSetting["scope"], target: string): readonly [tenant: string, name?: string] {
  if (scope === "all") return target === "" ? [defaultTenant] : fail("USAGE", "The kill switch for all has no target");
  if (scope === "tenant") return [asName(target, "The tenant")];
  const [tenant, name, ...rest] = target.split("/");
  if (scope === "model" && tenant && name && rest.length === 0 && isName(tenant) && isName(name)) return [tenant, name];
  return fail("USAGE", `"${target.slice(0, 200)}" is not a kill switch target: write tenant/name for a model`);
}
