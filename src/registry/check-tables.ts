import { canonicalJson, type Json } from "../kit/canonical-json.ts";
import type { Digest } from "../kit/digest.ts";
import type { AliasHistoryRow, AliasRow, KillRow, StatementRow, VersionRow } from "../store/repository.ts";
import type { Context } from "./context.ts";
import { type Effect, effectOf } from "./effect.ts";
import { ownStatement } from "./own-statement.ts";
import { changesState } from "./predicates.ts";
import { fixedPart, nameOf } from "./trusted-version.ts";
import type { Findings } from "./findings.ts";

/**
 * Replays every signed statement in the order of the log and compares what comes of it with the tables: whoever edits a row of the
 * store, adds or removes one, contradicts a statement they cannot sign.
 */
export async function checkTables(context: Context, findings: Findings): Promise<void> {
  const { repository } = context;
  const expected = new Expected();
  const logged: StatementRow[] = [];
  await findings.during("statements", async () => {
    for await (const row of repository.statements())
      if (changesState(row.predicateType) && row.state === "logged") logged.push(row);
  });
  for (const row of logged.sort((a, b) => a.logIndex! - b.logIndex!))
    await findings.during(`statement ${row.digest}`, async () =>
      expected.apply(effectOf(ownStatement(context, row), row.digest)),
    );
  await findings.during("tenants", async () => {
    same(findings, "tenant", new Set(await repository.tenants()), expected.tenants);
  });
  const tenants = [...expected.tenants];
  await findings.during("versions", async () => {
    const rows = await repository.versions();
    compare(findings, expected.versions, rows, versionKey, nameOf, (row) => `${fixedPart(row)}${state(row)}`);
  });
  await findings.during("aliases", async () => {
    const rows = await repository.aliases();
    compare(findings, expected.aliases, rows, aliasKey, aliasName, content);
    for (const tenant of tenants)
      for (const name of new Set(expected.history.filter((row) => row.tenant === tenant).map((row) => row.name))) {
        const wanted = expected.history.filter((row) => row.tenant === tenant && row.name === name).map(content);
        const stored = (await repository.aliasHistory(tenant, name)).map(content);
        if (wanted.join() !== stored.join())
          findings.add(`${tenant}/${name}`, "The history of aliases is not what the statements on record lead to");
      }
  });
  await findings.during("kill switches", async () => {
    const key = ({ scope, target }: KillRow) => `${scope} ${target}`;
    compare(findings, expected.kills, await repository.kills(), key, (row) => `kill switch ${key(row)}`, content);
  });
}

/** The tables as the statements have them. */
class Expected {
  readonly tenants = new Set<string>();
  readonly versions = new Map<string, VersionRow>();
  readonly aliases = new Map<string, AliasRow>();
  readonly history: AliasHistoryRow[] = [];
  readonly kills = new Map<string, KillRow>();

  apply(effect: Effect): void {
    switch (effect.does) {
      case "nothing":
        return;
      case "add-tenant":
        this.tenants.add(effect.tenant);
        return;
      case "add-version":
        this.versions.set(versionKey(effect.row), effect.row);
        return;
      case "set-alias":
        this.#set(effect.row);
        return;
      case "set-kill":
        this.kills.set(`${effect.row.scope} ${effect.row.target}`, effect.row);
        return;
      case "end-version": {
        const { tenant, version, state, statement } = effect;
        this.#change(tenant, version, (row) => ({ ...row, state, endedBy: statement }));
        for (const digest of effect.affected)
          this.#change(tenant, digest, (row) => ({ ...row, flaggedBy: row.flaggedBy ?? version }));
        for (const { row, removes } of effect.withdraws) {
          this.#set(row);
          if (removes) this.aliases.delete(aliasKey(row));
        }
      }
    }
  }

  #set(row: AliasHistoryRow): void {
    const { action: _action, ...alias } = row;
    this.aliases.set(aliasKey(row), alias);
    this.history.push(row);
  }

  #change(tenant: string, digest: Digest, change: (row: VersionRow) => VersionRow): void {
    const key = versionKey({ tenant, digest });
    const row = this.versions.get(key);
    if (row) this.versions.set(key, change(row));
  }
}

const versionKey = ({ tenant, digest }: Pick<VersionRow, "tenant" | "digest">) => `${tenant} ${digest}`;
const aliasKey = ({ tenant, name, alias }: AliasRow) => `${tenant}/${name}:${alias}`;
const aliasName = (row: AliasRow) => `alias ${aliasKey(row)}`;
const state = ({ state, endedBy, flaggedBy }: VersionRow) => `${state} ${endedBy} ${flaggedBy}`;
const content = (row: object) => canonicalJson(row as unknown as Json);

/** Reports rows that are missing, too many, or different. */
function compare<Row>(
  findings: Findings,
  expected: ReadonlyMap<string, Row>,
  stored: readonly Row[],
  key: (row: Row) => string,
  name: (row: Row) => string,
  content: (row: Row) => string,
): void {
  const left = new Map(expected);
  for (const row of stored) {
    const wanted = left.get(key(row));
    left.delete(key(row));
    if (!wanted) findings.add(name(row), "The store has it, but no statement on record leads to it");
    else if (content(wanted) !== content(row))
      findings.add(name(row), "The store differs from what the statements on record lead to");
  }
  for (const row of left.values())
    findings.add(name(row), "The statements on record lead to it, but the store has lost it");
}

function same(findings: Findings, what: string, stored: ReadonlySet<string>, expected: ReadonlySet<string>): void {
  for (const one of stored)
    if (!expected.has(one)) findings.add(`${what} ${one}`, "The store has it, but no statement on record leads to it");
  for (const one of expected)
    if (!stored.has(one))
      findings.add(`${what} ${one}`, "The statements on record lead to it, but the store has lost it");
}
