import { type AssetInput, type AssetTerms, assetKinds, type Manifest, type ManifestFile } from "../../core/asset.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { jsonArray, jsonObject, jsonString } from "../../kit/json.ts";
import { choice, count, digest, identifier, jsonText, jsonValue, moment, optionalDigest, stored } from "../columns.ts";
import type { VersionRow } from "../repository.ts";
import type { Db, StoreTables } from "../tables.ts";

const states = ["live", "revoked", "erased"] as const;
const termNames = ["licence", "origin", "consentBasis", "region", "retainUntil"] as const;
const inputsPerInsert = 500;

type Stored = { readonly [Column in Exclude<keyof StoreTables["versions"], "seq">]: unknown };
type StoredInput = { readonly [Column in "version" | "digest" | "role"]: unknown };

/** Stores a version and the inputs it names. @throws MALFORMED, LIMIT for a row that could not be read back */
export async function addVersion(db: Db, row: VersionRow): Promise<void> {
  const values = {
    tenant: identifier(row.tenant, "tenant"),
    digest: digest(row.digest, "digest"),
    kind: choice(row.kind, assetKinds, "kind"),
    name: identifier(row.name, "name"),
    topic: identifier(row.topic, "topic"),
    manifest: jsonText(row.manifest, "manifest"),
    terms: jsonText(Object.fromEntries(termNames.map((name) => [name, row[name]])), "terms"),
    facts: jsonText(row.facts, "facts"),
    registered_at: moment(row.registeredAt, "registeredAt"),
    statement: digest(row.statement, "statement"),
    state: choice(row.state, states, "state"),
    ended_by: optionalDigest(row.endedBy, "endedBy") ?? null,
    flagged_by: optionalDigest(row.flaggedBy, "flaggedBy") ?? null,
  };
  // What is written is what the readers below accept: a row that cannot be read back is refused here.
  manifestOf(values.manifest);
  termsOf(values.terms);
  jsonObject(jsonValue(values.facts, "facts"), "facts");
  await db.insertInto("versions").values(values).execute();
  const inputs = row.inputs.map((input, position) => ({
    tenant: row.tenant,
    version: row.digest,
    position,
    digest: digest(input.digest, "input"),
    role: identifier(input.role, "role"),
  }));
  for (let at = 0; at < inputs.length; at += inputsPerInsert) {
    await db
      .insertInto("version_inputs")
      .values(inputs.slice(at, at + inputsPerInsert))
      .execute();
  }
}

/** The version with this digest, or undefined. */
export async function version(db: Db, tenant: string, wanted: Digest): Promise<VersionRow | undefined> {
  const [row] = await select(db, (query) => query.where("tenant", "=", tenant).where("digest", "=", wanted));
  return row;
}

/** The versions of an asset, in order of registration. */
export async function versionsNamed(db: Db, tenant: string, name: string): Promise<readonly VersionRow[]> {
  return select(db, (query) => query.where("tenant", "=", tenant).where("name", "=", name));
}

/** The versions of a tenant or of all tenants, in order of registration. */
export async function versions(db: Db, tenant?: string): Promise<readonly VersionRow[]> {
  return select(db, (query) => (tenant === undefined ? query : query.where("tenant", "=", tenant)));
}

/** The versions of a tenant that name `input` among their inputs, in order of registration. */
export async function derivedFrom(db: Db, tenant: string, input: Digest): Promise<readonly VersionRow[]> {
  return select(db, (query) =>
    query
      .where("tenant", "=", tenant)
      .where("digest", "in", (inner) =>
        inner
          .selectFrom("version_inputs")
          .select("version_inputs.version")
          .where("version_inputs.tenant", "=", tenant)
          .where("version_inputs.digest", "=", input),
      ),
  );
}

/** Live becomes revoked or erased, revoked becomes erased; nothing comes back. @throws NOT_FOUND, CONFLICT */
export async function endVersion(
  db: Db,
  tenant: string,
  wanted: Digest,
  state: "revoked" | "erased",
  statement: Digest,
): Promise<void> {
  const from = state === "erased" ? (["live", "revoked"] as const) : (["live"] as const);
  const { numUpdatedRows } = await db
    .updateTable("versions")
    .set({ state: choice(state, states, "state"), ended_by: digest(statement, "statement") })
    .where("tenant", "=", tenant)
    .where("digest", "=", wanted)
    .where("state", "in", from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return;
  const found = await stateOf(db, tenant, wanted);
  fail("CONFLICT", `${wanted} is ${found} and cannot become ${state}`);
}

/** The first ancestor that flags a version stays on record. @throws NOT_FOUND */
export async function flagVersion(db: Db, tenant: string, wanted: Digest, because: Digest): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("versions")
    .set({ flagged_by: digest(because, "because") })
    .where("tenant", "=", tenant)
    .where("digest", "=", wanted)
    .where("flagged_by", "is", null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) await stateOf(db, tenant, wanted);
}

async function stateOf(db: Db, tenant: string, wanted: Digest): Promise<string> {
  const row = await db
    .selectFrom("versions")
    .select("state")
    .where("tenant", "=", tenant)
    .where("digest", "=", wanted)
    .executeTakeFirst();
  return row?.state ?? fail("NOT_FOUND", `Tenant "${tenant}" has no version ${wanted}`);
}

const selectAll = (db: Db) =>
  db
    .selectFrom("versions")
    .select([
      "seq",
      "tenant",
      "digest",
      "kind",
      "name",
      "topic",
      "manifest",
      "terms",
      "facts",
      "registered_at",
      "statement",
      "state",
      "ended_by",
      "flagged_by",
    ])
    .orderBy("seq");

type Query = ReturnType<typeof selectAll>;

/** Rows in order of registration, with their inputs: a second query suffices, because inputs never change once visible. */
async function select(db: Db, narrow: (query: Query) => Query): Promise<readonly VersionRow[]> {
  const rows = await narrow(selectAll(db)).execute();
  if (rows.length === 0) return [];
  const byVersion = new Map<string, AssetInput[]>();
  for (const batch of batches(rows, inputsPerInsert)) {
    const inputs = await db
      .selectFrom("version_inputs")
      .select(["tenant", "version", "digest", "role"])
      .where("version", "in", [...new Set(batch.map((row) => row.digest))])
      .where("tenant", "in", [...new Set(batch.map((row) => row.tenant))])
      .orderBy("tenant")
      .orderBy("version")
      .orderBy("position")
      .execute();
    const fresh = new Set(batch.map(keyOf));
    for (const input of inputs) {
      const key = keyOf({ tenant: input.tenant, digest: input.version });
      if (!fresh.has(key)) continue;
      const list = byVersion.get(key) ?? [];
      list.push(inputOf(input));
      byVersion.set(key, list);
    }
  }
  return rows.map((row) => stored("version", () => versionOf(row, byVersion.get(keyOf(row)) ?? [])));
}

function* batches<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

function keyOf(row: { readonly tenant: string; readonly digest: string }): string {
  return `${row.tenant}\0${row.digest}`;
}

function inputOf(row: StoredInput): AssetInput {
  return stored("input", () => ({ digest: digest(row.digest, "input"), role: identifier(row.role, "role") }));
}

function versionOf(row: Stored, inputs: readonly AssetInput[]): VersionRow {
  const endedBy = optionalDigest(row.ended_by, "ended_by");
  const flaggedBy = optionalDigest(row.flagged_by, "flagged_by");
  return {
    tenant: identifier(row.tenant, "tenant"),
    kind: choice(row.kind, assetKinds, "kind"),
    name: identifier(row.name, "name"),
    digest: digest(row.digest, "digest"),
    topic: identifier(row.topic, "topic"),
    manifest: manifestOf(row.manifest),
    inputs,
    facts: jsonObject(jsonValue(row.facts, "facts"), "facts"),
    ...termsOf(row.terms),
    registeredAt: moment(row.registered_at, "registered_at"),
    statement: digest(row.statement, "statement"),
    state: choice(row.state, states, "state"),
    ...(endedBy && { endedBy }),
    ...(flaggedBy && { flaggedBy }),
  };
}

function manifestOf(text: unknown): Manifest {
  const { files } = jsonObject(jsonValue(text, "manifest"), "manifest");
  return {
    files: jsonArray(files, "manifest files").map((each): ManifestFile => {
      const file = jsonObject(each, "manifest file");
      return {
        path: jsonString(file["path"], "path"),
        size: count(file["size"], "size"),
        digest: digest(file["digest"], "file digest"),
      };
    }),
  };
}

function termsOf(text: unknown): AssetTerms {
  const terms = jsonObject(jsonValue(text, "terms"), "terms");
  const present = termNames.filter((name) => terms[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, jsonString(terms[name], name)]));
}
