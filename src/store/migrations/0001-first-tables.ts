import { sql } from "kysely";
import type { DdlWords, Migration } from "./migration.ts";

/**
 * Every table of format 1. The constraints carry the rules no code path may break:
 * a digest is registered once per tenant (so that ending it ends every use of those bytes), a version and an alias
 * setting exist only together with the statement that made them, an alias points only to a version of its own name
 * and tenant, a statement is logged exactly when it has an index, no two objects share a blob (erasing one would not
 * erase the bytes), an ended version names what ended it.
 *
 * Two exceptions, on purpose. `objects` name their tenant but not their version by foreign key: they are stored with
 * the pending registration, before the version exists. `kills` name no tenant by foreign key: a kill is never refused.
 */
function tables({ text, bytes, integer, counter, tableEnd }: DdlWords): readonly string[] {
  const aliasColumns = `
    tenant ${text} not null references tenants (tenant),
    name ${text} not null,
    alias ${text} not null,
    digest ${text} not null,
    canary ${text},
    canary_weight ${integer} not null check (canary_weight between 0 and 100),
    sequence ${integer} not null check (sequence >= 0),
    statement ${text} not null,
    changed_at ${text} not null,
    check (canary is not null or canary_weight = 0),
    foreign key (tenant, name, digest) references versions (tenant, name, digest),
    foreign key (tenant, name, canary) references versions (tenant, name, digest),
    foreign key (tenant, statement) references statements (tenant, digest)`;
  return [
    `create table tenants (tenant ${text} primary key not null, created_at ${text} not null)${tableEnd}`,

    `create table statements (
      seq ${counter},
      tenant ${text} not null references tenants (tenant),
      digest ${text} not null unique,
      predicate_type ${text} not null,
      envelope ${bytes} not null,
      bundle ${bytes},
      salt ${bytes} not null,
      leaf ${bytes} not null,
      recorded_at ${text} not null,
      state ${text} not null check (state in ('pending', 'logged')),
      log_index ${integer} unique check (log_index >= 0),
      unique (tenant, digest),
      check ((state = 'logged') = (log_index is not null))
    )${tableEnd}`,
    "create index statements_by_state on statements (state, seq)",
    "create index statements_by_tenant on statements (tenant, seq)",

    `create table statement_subjects (
      tenant ${text} not null,
      statement ${text} not null,
      position ${integer} not null,
      subject ${text} not null,
      primary key (statement, position),
      foreign key (tenant, statement) references statements (tenant, digest)
    )${tableEnd}`,
    "create index statement_subjects_by_subject on statement_subjects (tenant, subject)",

    `create table versions (
      seq ${counter},
      tenant ${text} not null references tenants (tenant),
      digest ${text} not null,
      kind ${text} not null check (kind in ('dataset', 'features', 'model')),
      name ${text} not null,
      topic ${text} not null unique,
      manifest ${text} not null,
      terms ${text} not null,
      facts ${text} not null,
      registered_at ${text} not null,
      statement ${text} not null unique,
      state ${text} not null check (state in ('live', 'revoked', 'erased')),
      ended_by ${text},
      flagged_by ${text},
      unique (tenant, digest),
      unique (tenant, name, digest),
      check ((state = 'live') = (ended_by is null)),
      foreign key (tenant, statement) references statements (tenant, digest),
      foreign key (tenant, ended_by) references statements (tenant, digest),
      foreign key (tenant, flagged_by) references versions (tenant, digest)
    )${tableEnd}`,

    `create table version_inputs (
      tenant ${text} not null,
      version ${text} not null,
      position ${integer} not null,
      digest ${text} not null,
      role ${text} not null,
      primary key (tenant, version, position),
      foreign key (tenant, version) references versions (tenant, digest)
    )${tableEnd}`,
    "create index version_inputs_by_digest on version_inputs (tenant, digest)",

    `create table objects (
      seq ${counter},
      tenant ${text} not null references tenants (tenant),
      version ${text} not null,
      path ${text} not null,
      blob_key ${text} not null unique,
      header ${bytes},
      wrapped_for ${text} not null,
      unique (tenant, version, path)
    )${tableEnd}`,

    `create table aliases (${aliasColumns}, primary key (tenant, name, alias))${tableEnd}`,
    `create table alias_history (
      seq ${counter},
      action ${text} not null check (action in ('promote', 'rollback', 'withdraw')),
      ${aliasColumns},
      unique (tenant, name, alias, sequence)
    )${tableEnd}`,

    `create table kills (
      scope ${text} not null check (scope in ('all', 'tenant', 'model')),
      target ${text} not null,
      killed ${integer} not null check (killed in (0, 1)),
      epoch ${integer} not null check (epoch >= 0),
      why ${text} not null,
      statement ${text} not null references statements (digest),
      primary key (scope, target),
      check ((scope = 'all') = (target = ''))
    )${tableEnd}`,

    `create table facts (key ${text} primary key not null, value ${text} not null)${tableEnd}`,
    `create table store (one ${integer} primary key not null check (one = 1), revision ${integer} not null)${tableEnd}`,
    "insert into store (one, revision) values (1, 1)",
  ];
}

/** Format 1. */
export const firstTables: Migration = {
  title: "first tables",
  async up(db, words) {
    for (const statement of tables(words)) await sql.raw(statement).execute(db);
  },
};
