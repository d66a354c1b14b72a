import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { bytes, choice, count, digest, identifier, moment, optionalBytes, stored } from "../columns.ts";
import type { StatementRow } from "../repository.ts";
import type { Db, StoreTables } from "../tables.ts";

const states = ["pending", "logged"] as const;
const subjectsPerInsert = 1000;
/** Envelopes may be megabytes each, so pages are short. */
const rowsPerPage = 32;

type Stored = { readonly [Column in Exclude<keyof StoreTables["statements"], "seq">]: unknown };

/** Stores a statement and its subjects, `pending` or already `logged`. @throws MALFORMED, LIMIT */
export async function addStatement(db: Db, row: StatementRow): Promise<void> {
  const state = choice(row.state, states, "state");
  if ((state === "logged") !== (row.logIndex !== undefined))
    fail("MALFORMED", "A statement has a log index exactly when it is logged");
  await db
    .insertInto("statements")
    .values({
      tenant: identifier(row.tenant, "tenant"),
      digest: digest(row.digest, "digest"),
      predicate_type: identifier(row.predicateType, "predicateType"),
      envelope: bytes(row.envelope, "envelope"),
      bundle: optionalBytes(row.bundle, "bundle") ?? null,
      salt: bytes(row.salt, "salt"),
      leaf: bytes(row.leaf, "leaf"),
      recorded_at: moment(row.recordedAt, "recordedAt"),
      state,
      log_index: row.logIndex === undefined ? null : count(row.logIndex, "logIndex"),
    })
    .execute();
  const subjects = row.subjects.map((subject, position) => ({
    tenant: row.tenant,
    statement: row.digest,
    position,
    subject: digest(subject, "subject"),
  }));
  for (let at = 0; at < subjects.length; at += subjectsPerInsert) {
    await db
      .insertInto("statement_subjects")
      .values(subjects.slice(at, at + subjectsPerInsert))
      .execute();
  }
}

/** The statement with this digest, or undefined. */
export async function statement(db: Db, wanted: Digest): Promise<StatementRow | undefined> {
  const rows = await selectAll(db).where("digest", "=", wanted).execute();
  return (await withSubjects(db, rows))[0];
}

/** The statements of a tenant that name `subject`, in the order they were recorded. */
export async function statementsAbout(db: Db, tenant: string, subject: Digest): Promise<readonly StatementRow[]> {
  const rows = await selectAll(db)
    .where("tenant", "=", tenant)
    .where("digest", "in", (inner) =>
      inner
        .selectFrom("statement_subjects")
        .select("statement_subjects.statement")
        .where("statement_subjects.tenant", "=", tenant)
        .where("statement_subjects.subject", "=", subject),
    )
    .execute();
  return withSubjects(db, rows);
}

/** The statements of all tenants that the log has not acknowledged, in the order they were recorded. */
export async function pendingStatements(db: Db): Promise<readonly StatementRow[]> {
  return withSubjects(db, await selectAll(db).where("state", "=", "pending").execute());
}

/** One page of the statements in the order they were recorded, after `after`; and where the next page starts. */
export async function statementPage(
  db: Db,
  after: number,
  tenant?: string,
): Promise<{ rows: readonly StatementRow[]; last: number }> {
  const query = selectAll(db).where("seq", ">", after).limit(rowsPerPage);
  const rows = await (tenant === undefined ? query : query.where("tenant", "=", tenant)).execute();
  return {
    rows: await withSubjects(db, rows),
    last: rows.length === 0 ? after : count(rows.at(-1)!.seq, "seq"),
  };
}

/** Marking again with the same index is fine (roll forward). @throws NOT_FOUND; CONFLICT when it has another index */
export async function markLogged(db: Db, wanted: Digest, logIndex: number): Promise<void> {
  const index = count(logIndex, "logIndex");
  const { numUpdatedRows } = await db
    .updateTable("statements")
    .set({ state: "logged", log_index: index })
    .where("digest", "=", wanted)
    .where("state", "=", "pending")
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return;
  const row = await db.selectFrom("statements").select("log_index").where("digest", "=", wanted).executeTakeFirst();
  if (!row) fail("NOT_FOUND", `The store has no statement ${wanted}`);
  const known = stored("statement", () => count(row.log_index, "log_index"));
  if (known !== index) fail("CONFLICT", `Statement ${wanted} is on the log at ${known}, not at ${index}`);
}

const selectAll = (db: Db) =>
  db
    .selectFrom("statements")
    .select([
      "seq",
      "tenant",
      "digest",
      "predicate_type",
      "envelope",
      "bundle",
      "salt",
      "leaf",
      "recorded_at",
      "state",
      "log_index",
    ])
    .orderBy("seq");

/** Adds the subjects with one query per batch: they never change once the statement is visible. */
async function withSubjects(db: Db, rows: readonly (Stored & { digest: string })[]): Promise<readonly StatementRow[]> {
  const subjects = new Map<string, Digest[]>();
  for (let at = 0; at < rows.length; at += subjectsPerInsert) {
    const found = await db
      .selectFrom("statement_subjects")
      .select(["statement", "subject"])
      .where(
        "statement",
        "in",
        rows.slice(at, at + subjectsPerInsert).map((row) => row.digest),
      )
      .orderBy("statement")
      .orderBy("position")
      .execute();
    for (const row of found) {
      const list = subjects.get(row.statement) ?? [];
      list.push(stored("subject", () => digest(row.subject, "subject")));
      subjects.set(row.statement, list);
    }
  }
  return rows.map((row) => stored("statement", () => statementOf(row, subjects.get(row.digest) ?? [])));
}

function statementOf(row: Stored, subjects: readonly Digest[]): StatementRow {
  const bundle = optionalBytes(row.bundle, "bundle");
  return {
    digest: digest(row.digest, "digest"),
    tenant: identifier(row.tenant, "tenant"),
    predicateType: identifier(row.predicate_type, "predicate_type"),
    subjects,
    envelope: bytes(row.envelope, "envelope"),
    ...(bundle && { bundle }),
    salt: bytes(row.salt, "salt"),
    leaf: bytes(row.leaf, "leaf"),
    recordedAt: moment(row.recorded_at, "recorded_at"),
    state: choice(row.state, states, "state"),
    ...(row.log_index !== null && { logIndex: count(row.log_index, "log_index") }),
  };
}
