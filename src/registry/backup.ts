import { createHash } from "node:crypto";
import { utf8 } from "../kit/bytes.ts";
import { type Digest, digestOfHex } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { encryptStream } from "../seal/age/encrypt.ts";
import {
  type BackupEntry,
  type BackupManifest,
  backupFile,
  blobKeyForm,
  type DumpLine,
  encodeLine,
  encodeManifest,
  logFileForm,
  storeFile,
} from "./backup-format.ts";
import type { Context } from "./context.ts";
import { facts } from "./facts.ts";
import type { Folder } from "./folder.ts";
import { inSession } from "./session.ts";
import { verifyStored } from "./verify-stored.ts";

/** Where a backup comes from and goes to. */
export interface BackupPlaces {
  /** The folder of the log. Only what the log publishes is read: not its lock, which must not be touched. */
  readonly log: Folder;
  /** An empty place. */
  readonly to: Folder;
}

/**
 * Writes a complete copy of store, blobs and log that needs nothing but the store key and the registry's public key to be checked
 * and restored. Everything stored is verified first: a backup of damaged bytes would be none. The store is encrypted for the store
 * key, blobs are ciphertext anyway; private keys are not in it and have to be kept elsewhere.
 *
 * The lock is held while store and log are copied, not for the blobs: they never change, they only go when erased.
 * @throws INTEGRITY naming what is damaged · CONFLICT when the place is not empty, or something was erased meanwhile
 */
export async function backup(context: Context, { log, to }: BackupPlaces): Promise<BackupManifest> {
  for await (const path of to.list())
    fail("CONFLICT", { message: "The place for the backup is not empty", where: path });
  const { problems } = await verifyStored(context);
  const first = problems[0];
  if (first)
    fail("INTEGRITY", {
      message: `What is stored has ${problems.length} faults; the first: ${first.message}`,
      where: first.where,
      next: "Repair or restore what is damaged first.",
    });
  const files: BackupEntry[] = [];
  const keys: string[] = [];
  const { madeAt, logSize } = await inSession(context, async (session) => {
    await session.log.publish();
    for await (const path of log.list())
      if (logFileForm.test(path)) files.push(await copy(log.read(path), to, `log/${path}`));
    files.push(await copy(encrypted(context, dump(context, keys)), to, storeFile));
    return { madeAt: session.at, logSize: session.log.size };
  });
  for (const key of keys) files.push(await copyBlob(context, key, to));
  const manifest = { madeAt, logSize, storeKey: context.keyring.current.recipient, files };
  await to.write(backupFile, chunks(await encodeManifest(manifest, context.signer)));
  return manifest;
}

/** The store, line by line: statements in the order they were recorded, from which everything else follows, and wrapped keys. */
async function* dump(context: Context, blobKeys: string[]): AsyncGenerator<DumpLine, void, void> {
  const { repository } = context;
  for await (const statement of repository.statements()) yield { statement };
  for await (const object of repository.allObjects()) {
    if (!blobKeyForm.test(object.blobKey))
      fail("INTEGRITY", { message: "The store names a blob that is not ours", where: object.path });
    if (object.header !== undefined) blobKeys.push(object.blobKey);
    yield { object };
  }
  for (const key of Object.values(facts)) {
    const value = await repository.fact(key);
    if (value !== undefined) yield { fact: { key, value } };
  }
}

/** The lines as an age file for the current store key. */
function encrypted(context: Context, lines: AsyncIterable<DumpLine>): AsyncIterable<Uint8Array> {
  async function* text() {
    for await (const line of lines) yield utf8(encodeLine(line));
  }
  return encryptStream(text(), [context.keyring.current.recipient]);
}

async function copyBlob(context: Context, key: string, to: Folder): Promise<BackupEntry> {
  if (!(await context.blobs.has(key)))
    fail("CONFLICT", {
      message: "A version was erased while it was backed up",
      next: "Remove this backup and make another.",
    });
  return copy(context.blobs.read(key), to, `blobs/${key}`);
}

async function copy(bytes: AsyncIterable<Uint8Array>, to: Folder, path: string): Promise<BackupEntry> {
  const hash = createHash("sha256");
  let size = 0;
  async function* metered() {
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await to.write(path, metered());
  const digest: Digest = digestOfHex(hash.digest("hex"));
  return { path, size, digest };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
