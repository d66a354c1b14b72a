import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { homeLayout } from "../../src/app/home/layout.ts";
import type { Digest } from "../../src/kit/digest.ts";
import { parseVkey, vkeyOf } from "../../src/ledger/vkey.ts";
import { openLogReader } from "../../src/ledger/reader.ts";
import { openLogWriter } from "../../src/ledger/writer.ts";
import { generateKey, parsePrivateKey, signerOf, writePrivateKey } from "../../src/seal/keys.ts";

/** Changes one bit of the byte at `at` (from the end when negative; default: the middle). */
export function flipByte(path: string, at?: number): void {
  const bytes = readFileSync(path);
  const index = at === undefined ? bytes.length >> 1 : at < 0 ? bytes.length + at : at;
  bytes[index]! ^= 1;
  writeFileSync(path, bytes);
}

/** Cuts `bytes` off the end of a file. */
export function cutOff(path: string, bytes: number): void {
  truncateSync(path, readFileSync(path).length - bytes);
}

/** Edits the store as somebody who can write its file can: no constraint stands in the way. */
export function inStore<T>(home: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(homeLayout(home).store, { enableForeignKeyConstraints: false, timeout: 5000 });
  try {
    db.exec("pragma ignore_check_constraints = on");
    return work(db);
  } finally {
    db.close();
  }
}

/** The newest statement of a kind about a version. */
export function statementRow(
  home: string,
  kind: string,
  about?: Digest,
): { readonly digest: string; readonly envelope: Uint8Array; readonly log_index: number } {
  return inStore(home, (db) => {
    const where = about
      ? "and digest in (select statement from statement_subjects where subject = ?)"
      : "and (1 or ? is null)";
    const row = db
      .prepare(
        `select digest, envelope, log_index from statements where predicate_type like ? ${where} order by seq desc`,
      )
      .get(`%${kind}%`, about ?? null);
    if (!row) throw new Error(`the home has no ${kind} statement`);
    return row as { digest: string; envelope: Uint8Array; log_index: number };
  });
}

/** Where the ciphertext of a file of a version lies. */
export function blobFile(home: string, version: Digest, path: string): string {
  const row = inStore(home, (db) =>
    db.prepare("select blob_key as key from objects where version = ? and path = ?").get(version, path),
  );
  const { key } = row as { key: string };
  const { blobs } = homeLayout(home);
  const found = readdirSync(blobs, { recursive: true, encoding: "utf8" }).find((file) =>
    file.endsWith(`key.${key}.blob`),
  );
  if (found === undefined) throw new Error(`there is no blob ${key}`);
  return join(blobs, found);
}

/** Puts the folder or file `part` of `other` in the place of the home's own. */
export function replacePart(home: string, part: string, other: string): void {
  rmSync(join(home, part), { recursive: true, force: true });
  cpSync(join(other, part), join(home, part), { recursive: true });
}

/** Puts the store of `other` in the place of the home's own, as restoring an old copy of the file does. */
export function replaceStore(home: string, other: string): void {
  for (const suffix of ["-wal", "-shm"]) rmSync(`${homeLayout(home).store}${suffix}`, { force: true });
  replacePart(home, "store.db", other);
}

/** Writes another log of as many entries, signed with the home's own log key, in the place of its log. */
export async function forkLog(home: string, change: (entry: Uint8Array) => Uint8Array): Promise<void> {
  const layout = homeLayout(home);
  const vkey = readFileSync(layout.logVkey, "utf8").trim();
  const reader = openLogReader(layout.log, { vkey });
  const entries: Uint8Array[] = [];
  for await (const entry of reader.entries()) entries.push(change(entry));
  rmSync(layout.log, { recursive: true });
  const signer = signerOf(await parsePrivateKey(readFileSync(layout.logKey), layout.logKey));
  const writer = await openLogWriter({
    dir: layout.log,
    origin: parseVkey(vkey).name,
    signer,
    clock: { now: () => Date.now() },
  });
  for (const entry of entries) await writer.append(entry);
  await writer.close();
}

/** Puts a new key in the place of the log's. */
export async function replaceLogKey(home: string): Promise<void> {
  const layout = homeLayout(home);
  const { name } = parseVkey(readFileSync(layout.logVkey, "utf8").trim());
  const { privateKey, publicKey } = generateKey("ed25519");
  writeFileSync(layout.logKey, await writePrivateKey(privateKey));
  writeFileSync(layout.logVkey, `${vkeyOf(name, publicKey)}\n`);
}

/** Deletes every trace the store has of a kind of statement, as whoever can write its file can. */
export function forget(db: DatabaseSync, kind: string): void {
  db.prepare(
    "delete from statement_subjects where statement in (select digest from statements where predicate_type like ?)",
  ).run(`%${kind}%`);
  db.prepare("delete from statements where predicate_type like ?").run(`%${kind}%`);
}

/** Deletes every trace the store has of a revocation. */
export function revive(db: DatabaseSync): void {
  forget(db, "revocation");
  db.exec("update versions set state = 'live', ended_by = null, flagged_by = null");
}
