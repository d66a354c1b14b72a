import type { Generated, Kysely } from "kysely";

/** Columns as they are declared in both databases (see migrations/). `unknown` marks what a driver may hand back in more than one shape. */
export interface StoreTables {
  tenants: { tenant: string; created_at: string };
  statements: {
    seq: Generated<unknown>;
    tenant: string;
    digest: string;
    predicate_type: string;
    envelope: Uint8Array;
    bundle: Uint8Array | null;
    salt: Uint8Array;
    leaf: Uint8Array;
    recorded_at: string;
    state: string;
    log_index: number | null;
  };
  statement_subjects: { tenant: string; statement: string; position: number; subject: string };
  versions: {
    seq: Generated<unknown>;
    tenant: string;
    digest: string;
    kind: string;
    name: string;
    topic: string;
    manifest: string;
    terms: string;
    facts: string;
    registered_at: string;
    statement: string;
    state: string;
    ended_by: string | null;
    flagged_by: string | null;
  };
  version_inputs: { tenant: string; version: string; position: number; digest: string; role: string };
  objects: {
    seq: Generated<unknown>;
    tenant: string;
    version: string;
    path: string;
    blob_key: string;
    header: Uint8Array | null;
    wrapped_for: string;
  };
  aliases: {
    tenant: string;
    name: string;
    alias: string;
    digest: string;
    canary: string | null;
    canary_weight: number;
    sequence: number;
    statement: string;
    changed_at: string;
  };
  alias_history: StoreTables["aliases"] & { seq: Generated<unknown>; action: string };
  kills: { scope: string; target: string; killed: number; epoch: number; why: string; statement: string };
  facts: { key: string; value: string };
  /** One row. `revision` counts the transactions that changed anything but facts. */
  store: { one: number; revision: number };
}

/** What a query runs on: the database itself, or one transaction of it. */
export type Db = Kysely<StoreTables>;
