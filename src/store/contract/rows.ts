import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { type Digest, digestOfHex } from "../../kit/digest.ts";
import type { AliasHistoryRow, KillRow, ObjectRow, Repository, StatementRow, VersionRow } from "../repository.ts";

// Rows for the contract's tests: complete, valid, and told apart by a word.

export const moment = "2026-03-04T05:06:07.890Z";

/** A digest that stands for `word`. */
export function digestOf(word: string): Digest {
  return digestOfHex(sha256Hex(utf8(word)));
}

/** A pending statement of tenant "default". */
export function statementRow(word: string, changes: Partial<StatementRow> = {}): StatementRow {
  return {
    digest: digestOf(`statement ${word}`),
    tenant: "default",
    predicateType: "urn:castellan:registration:v1",
    subjects: [digestOf(word)],
    envelope: utf8(`envelope of ${word}`),
    salt: utf8("salt salt salt s"),
    leaf: utf8(`leaf of ${word}`),
    recordedAt: moment,
    state: "pending",
    ...changes,
  };
}

/** A live model "credit" of tenant "default", registered by the statement of the same word. */
export function versionRow(word: string, changes: Partial<VersionRow> = {}): VersionRow {
  return {
    tenant: "default",
    kind: "model",
    name: "credit",
    digest: digestOf(word),
    topic: sha256Hex(utf8(`topic ${word} ${changes.tenant ?? ""}`)).slice(0, 32),
    manifest: { files: [{ path: "model.onnx", size: 12, digest: digestOf(`file ${word}`) }] },
    inputs: [],
    facts: {},
    registeredAt: moment,
    statement: digestOf(`statement ${word}`),
    state: "live",
    ...changes,
  };
}

/** An object of the version `word`. */
export function objectRow(word: string, path: string, changes: Partial<ObjectRow> = {}): ObjectRow {
  return {
    tenant: "default",
    version: digestOf(word),
    path,
    blobKey: sha256Hex(utf8(`${changes.tenant ?? ""} ${word} ${path}`)),
    header: utf8(`wrapped key of ${path}`),
    wrappedFor: "age1first",
    ...changes,
  };
}

/** A promotion of the version `word` to `credit:prod`, made by its own statement. */
export function aliasRow(word: string, sequence: number, changes: Partial<AliasHistoryRow> = {}): AliasHistoryRow {
  return {
    tenant: "default",
    name: "credit",
    alias: "prod",
    digest: digestOf(word),
    canaryWeight: 0,
    sequence,
    statement: digestOf(`statement ${word}`),
    changedAt: moment,
    action: "promote",
    ...changes,
  };
}

/** A kill switch set by the statement `word`. */
export function killRow(word: string, epoch: number, changes: Partial<KillRow> = {}): KillRow {
  return {
    scope: "model",
    target: "default/credit",
    killed: true,
    epoch,
    why: "drift",
    statement: digestOf(`statement ${word}`),
    ...changes,
  };
}

/** Adds the version and the statement that registers it. */
export async function register(
  repository: Repository,
  word: string,
  changes: Partial<VersionRow> = {},
): Promise<VersionRow> {
  const row = versionRow(word, changes);
  await repository.transaction(async (tx) => {
    await tx.addStatement(statementRow(word, { tenant: row.tenant, digest: row.statement }));
    await tx.addVersion(row);
  });
  return row;
}

/** All items of an asynchronous sequence. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
