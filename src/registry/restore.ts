import { createHash } from "node:crypto";
import { concat, textOf } from "../kit/bytes.ts";
import { digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { decryptStream } from "../seal/age/decrypt.ts";
import type { Repository, StatementRow } from "../store/repository.ts";
import {
  type BackupEntry,
  type BackupManifest,
  backupFile,
  decodeLine,
  decodeManifest,
  isBlobPath,
  isLogPath,
  storeFile,
} from "./backup-format.ts";
import { type Context, contextOf, type RegistryOptions } from "./context.ts";
import { applyEffect, effectOf } from "./effect.ts";
import type { Folder } from "./folder.ts";
import { ownStatement } from "./own-statement.ts";
import { changesState } from "./predicates.ts";
import { verifyStored } from "./verify-stored.ts";

const maxManifestBytes = 256 * 1024 * 1024;
const maxLineLength = 256 * 1024 * 1024;

/** Where a backup is and where it goes. */
export interface RestorePlaces {
  readonly from: Folder;
  /** The folder of the log that is restored; empty. */
  readonly log: Folder;
}

/**
 * Restores a backup into an empty store, blob store and log, and verifies the result like {@link verifyStored}. Every file is checked
 * against the signed manifest while it is copied; the store comes last and in one transaction, so an interrupted restore can simply
 * be repeated. What was recorded after the backup is not in it: erasures of that time have to be made again.
 * @throws SIGNATURE, INTEGRITY naming the file, when the backup is not what was written · CONFLICT when something is there already
 */
export async function restore(options: RegistryOptions, { from, log }: RestorePlaces): Promise<BackupManifest> {
  const context = contextOf(options);
  const manifest = decodeManifest(await whole(from.read(backupFile), maxManifestBytes, backupFile), context.ownKeys);
  await mustBeEmpty(context, log, manifest);
  // All of it before anything is written: a backup that is damaged somewhere restores nothing.
  for (const file of manifest.files) await drain(checked(from, file));
  for (const file of manifest.files)
    if (isBlobPath(file.path)) await context.blobs.write(file.path.slice("blobs/".length), checked(from, file));
  // The checkpoint last: a log without one is no log.
  const logFiles = manifest.files.filter(({ path }) => isLogPath(path));
  const isCheckpoint = ({ path }: BackupEntry) => Number(path === "log/checkpoint");
  for (const file of logFiles.sort((a, b) => isCheckpoint(a) - isCheckpoint(b)))
    await log.write(file.path.slice("log/".length), checked(from, file));
  const store = manifest.files.find(({ path }) => path === storeFile);
  if (!store) return fail("INTEGRITY", { message: "The backup has no store", where: storeFile });
  await context.repository.transaction(async (tx) => {
    for await (const line of lines(context, checked(from, store))) await replay(context, tx, decodeLine(line));
  });
  const { problems } = await verifyStored(context);
  const first = problems[0];
  if (first)
    fail("INTEGRITY", { message: `What was restored has faults; the first: ${first.message}`, where: first.where });
  return manifest;
}

async function mustBeEmpty(context: Context, log: Folder, manifest: BackupManifest): Promise<void> {
  if ((await context.repository.tenants()).length > 0)
    fail("CONFLICT", { message: "The store to restore into is not empty", next: "Restore into a new home." });
  // Files of an earlier attempt to restore the same backup are fine; a log of its own is not.
  const known = new Map(manifest.files.map(({ path, digest }) => [path, digest]));
  for await (const path of log.list()) {
    if (!isLogPath(`log/${path}`)) continue;
    const hash = createHash("sha256");
    for await (const chunk of log.read(path)) hash.update(chunk);
    if (known.get(`log/${path}`) !== digestOfHex(hash.digest("hex")))
      fail("CONFLICT", { message: "There is another log where this one shall be restored", where: path });
  }
}

/** The rows of a line, and what they lead to. */
async function replay(context: Context, tx: Repository, line: ReturnType<typeof decodeLine>): Promise<void> {
  if ("object" in line) return tx.addObjects([line.object]);
  if ("fact" in line) return tx.setFact(line.fact.key, line.fact.value);
  const row: StatementRow = line.statement;
  if (row.state !== "logged")
    fail("INTEGRITY", { message: "The backup holds a statement that is not on its log", where: row.digest });
  if (!changesState(row.predicateType)) return tx.addStatement(row);
  const effect = effectOf(ownStatement(context, row), row.digest);
  // A tenant comes before its statement, everything else after.
  if (effect.does === "add-tenant") {
    await applyEffect(tx, effect);
    return tx.addStatement(row);
  }
  await tx.addStatement(row);
  return applyEffect(tx, effect);
}

/** A file of the backup; throws before its end when it is not the one that was written. @throws INTEGRITY naming it */
async function* checked(from: Folder, { path, size, digest }: BackupEntry): AsyncGenerator<Uint8Array, void, void> {
  const hash = createHash("sha256");
  let seen = 0;
  for await (const chunk of from.read(path)) {
    hash.update(chunk);
    seen += chunk.length;
    if (seen > size) break;
    yield chunk;
  }
  if (seen !== size || digestOfHex(hash.digest("hex")) !== digest)
    fail("INTEGRITY", { message: `${path} of the backup is not what was written`, where: path });
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of bytes);
}

/** The lines of the encrypted store. @throws FORBIDDEN without the store key · INTEGRITY when they are cut off */
async function* lines(context: Context, age: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of decryptStream(age, context.keyring.identities)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield textOf(concat(...parts, chunk.subarray(from, end)), "A line of the backup");
      [parts, length, from] = [[], 0, end + 1];
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxLineLength) fail("LIMIT", "A line of the backup is too long");
  }
  if (length > 0) fail("INTEGRITY", { message: "The store of the backup is cut off", where: storeFile });
}

async function whole(bytes: AsyncIterable<Uint8Array>, limit: number, what: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limit) fail("LIMIT", `${what} is larger than ${limit} bytes`);
    parts.push(chunk);
  }
  return concat(...parts);
}
